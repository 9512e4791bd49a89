import {LineCounter, parseDocument} from 'yaml'
import {configInvalid} from './kubeconfig-errors.ts'

/**
 * A module of its own, because it is loaded only where the file is not JSON, and because the bundler gives a dynamic import of a CommonJS
 * package no named exports.
 * @throws UserError with the position of the fault; kubeconfigs hold tokens, and a parser quotes what it chokes on
 */
export function parseYaml(text: string, file: string): unknown {
  const lines = new LineCounter()
  const document = parseDocument(text, {prettyErrors: false, lineCounter: lines, logLevel: 'silent'})
  const fault = document.errors[0]
  if (fault !== undefined) {
    const {line, col} = lines.linePos(fault.pos[0])
    throw configInvalid(
      file,
      `line ${line}, column ${col}: not valid YAML (${fault.code.toLowerCase().replaceAll('_', ' ')})`,
    )
  }
  try {
    return document.toJS({maxAliasCount: 100})
  } catch {
    throw configInvalid(file, 'its YAML aliases cannot be resolved')
  }
}
