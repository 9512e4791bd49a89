import {evaluateExpression, parseExpression, referencesIn} from '../expr/index.ts'
import type {InterfaceSchema, OutputSchema} from './types.ts'

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
    const expression = parseExpression(value, {file: `interface ${known.name}`, line: 1, column: 1})
    const missing = referencesIn(expression).some(
      ([output = '']) => outputs[output] === undefined && known.outputs[output]?.optional !== true,
    )
    if (!missing) outputs[name] = evaluateExpression(expression, {...unsaid, ...outputs})
  }
  return outputs
}

/** The output that is a part of the provider's address. */
export function outputAt(part: OutputSchema['endpoint'], known: InterfaceSchema | undefined): string | undefined {
  return Object.keys(known?.outputs ?? {}).find(name => known?.outputs[name]?.endpoint === part)
}

/** The outputs of a literal: an address gives host and port, host and port give an address. */
export function literalOutputs(known: InterfaceSchema, given: Record<string, unknown>): Record<string, unknown> {
  const [host, port, url] = [outputAt('host', known), outputAt('port', known), outputAt('url', known)]
  if (url === undefined) return given
  const address = given[url]
  const outputs = {...given}
  if (typeof address === 'string' && URL.canParse(address)) {
    const parsed = new URL(address)
    if (host !== undefined) outputs[host] ??= parsed.hostname
    if (port !== undefined) outputs[port] ??= parsed.port === '' ? standardPorts[parsed.protocol] : Number(parsed.port)
  } else if (host !== undefined && port !== undefined) {
    outputs[url] = `${known.name}://${outputs[host]}:${outputs[port]}`
  }
  return outputs
}

const standardPorts: Record<string, number> = {'http:': 80, 'https:': 443}
