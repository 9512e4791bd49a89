import {evaluateExpression, parseExpression, referencesIn} from '../expr/index.ts'
import type {InterfaceSchema} from './types.ts'

/**
 * Adds the outputs that are computed from others (`value`), as far as what they need is there. Give secret outputs as tokens to have
 * computed secrets, too, and reveal the result.
 * @throws ExpressionError when an interface's expression is wrong
 */
export function completeOutputs(known: InterfaceSchema, given: Record<string, unknown>): Record<string, unknown> {
  const outputs = {...given}
  const unsaid = Object.fromEntries(Object.keys(known.outputs).map(name => [name, null]))
  for (const [name, {value}] of Object.entries(known.outputs)) {
    if (value === undefined || outputs[name] !== undefined) continue
    const position = {file: `interface ${known.name}`, line: 1, column: 1}
    const expression = parseExpression(value, position)
    const missing = referencesIn(expression).some(
      ([output = '']) => outputs[output] === undefined && known.outputs[output]?.optional !== true,
    )
    if (!missing) outputs[name] = evaluateExpression(expression, {...unsaid, ...outputs})
  }
  return outputs
}

/** The outputs of a literal: an address gives host and port, host and port give an address. */
export function literalOutputs(known: InterfaceSchema, given: Record<string, unknown>): Record<string, unknown> {
  const names = {host: outputFor('host'), port: outputFor('port'), url: outputFor('url')}
  const outputs = {...given}
  const url = names.url === undefined ? undefined : outputs[names.url]
  if (typeof url === 'string' && URL.canParse(url)) {
    const {hostname, port, protocol} = new URL(url)
    if (names.host !== undefined) outputs[names.host] ??= hostname
    if (names.port !== undefined) outputs[names.port] ??= port === '' ? standardPort(protocol) : Number(port)
  } else if (names.url !== undefined && names.host !== undefined && names.port !== undefined) {
    outputs[names.url] = `${known.name}://${outputs[names.host]}:${outputs[names.port]}`
  }
  return outputs

  function outputFor(endpoint: 'host' | 'port' | 'url'): string | undefined {
    return Object.keys(known.outputs).find(name => known.outputs[name]?.endpoint === endpoint)
  }
}

function standardPort(protocol: string): number | undefined {
  return {'http:': 80, 'https:': 443}[protocol]
}
