import {load, YAMLException} from 'js-yaml'
import {configInvalid} from './kubeconfig-errors.ts'

/**
 * A kubeconfig's value.
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
