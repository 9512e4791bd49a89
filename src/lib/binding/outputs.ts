import type {ProvidedEndpoint} from '../anchor/index.ts'
import {revealSecrets, secretToken} from '../expr/index.ts'
import type {InterfaceSchema} from '../params/index.ts'
import {completeOutputs} from '../params/index.ts'

/** A binding's outputs, taken apart: plain ones may stand in an anchor, secret ones only in a Secret. */
export interface Outputs {
  plain: Record<string, unknown>
  /** By output name. */
  secret: Record<string, string>
  /** Required outputs that nobody gave. */
  missing: string[]
}

/**
 * Puts a binding's outputs together: what the endpoint says, what berth generated, what the provider's script printed, and what is
 * computed from the others (with tokens in place of secrets, so that the language's own rules for secrets hold there, too).
 * @param generated secrets of this binding by output name, from the consumer's revision
 * @param printed what `ensure` printed; nothing before it ran: then what only it can say is left out
 */
export function bindingOutputs(
  schema: InterfaceSchema,
  endpoint: ProvidedEndpoint,
  generated: Record<string, string>,
  printed: Record<string, unknown>,
): Outputs {
  const values: Record<string, string> = {}
  const given: Record<string, unknown> = {}
  for (const [name, output] of Object.entries(schema.outputs)) {
    const value =
      generated[name] ??
      printed[name] ??
      (output.endpoint === undefined ? undefined : endpointValue(endpoint, output.endpoint))
    if (value === undefined || value === null) continue
    if (output.secret === true) values[name] = String(value)
    given[name] = output.secret === true ? secretToken(name) : value
  }
  const all = completeOutputs(schema, given)
  const outputs: Outputs = {plain: {}, secret: {}, missing: []}
  for (const [name, output] of Object.entries(schema.outputs)) {
    const value = all[name]
    if (value === undefined || value === null) {
      if (output.optional !== true) outputs.missing.push(name)
    } else if (output.secret === true) outputs.secret[name] = revealSecrets(String(value), input => values[input] ?? '')
    else outputs.plain[name] = value
  }
  return outputs
}

/** Of a binding's plain outputs, those that only its provider's script can say. */
export function printedOutputs({outputs}: InterfaceSchema, plain: Record<string, unknown>): Record<string, unknown> {
  const printed = Object.entries(plain).filter(
    ([name]) => outputs[name]?.endpoint === undefined && outputs[name]?.value === undefined,
  )
  return Object.fromEntries(printed)
}

function endpointValue(endpoint: ProvidedEndpoint, what: 'host' | 'port' | 'url'): unknown {
  return what === 'url' ? `${endpoint.interface}://${endpoint.host}:${endpoint.port}` : endpoint[what]
}
