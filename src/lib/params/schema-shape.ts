import {readDeclaration} from './declaration.ts'
import {isRecord, toPointer} from './json.ts'
import type {ParametersSchema} from './types.ts'

/** What is wrong with a declaration of parameters, for lint. */
export interface SchemaFault {
  /** Where in `parameters`: a JSON pointer such as `/properties/poll/minimum`. */
  pointer: string
  /** Stable: `unknown-kind`, `unknown-word`, `cycle`, … */
  rule: string
  message: string
}

/** Fields of parameters and of entries of lists, in all: each is a field of the form, and has a type. */
const most = 2_000

/** As deep as groups are looked into: what refers to itself ends there. */
const deepest = 32

/** The parameter with which a declaration comes to more than anyone can fill in: `$ref`s double what they lead to with each step. */
export function sizeFaults(parameters: ParametersSchema): SchemaFault[] {
  const {root, follow} = readDeclaration(parameters)
  let left = most
  const tooMuch = Object.entries(root.properties ?? {}).find(([, param]) => !fits(param, 1))
  if (tooMuch === undefined) return []
  const message = `is too much: with all that $ref leads to, the parameters come to over ${most} fields`
  return [{pointer: toPointer(['properties', tooMuch[0]]), rule: 'size', message}]

  function fits(declared: unknown, depth: number): boolean {
    if (!isRecord(declared) || depth > deepest) return true
    if (left-- <= 0) return false
    const {properties = {}, items, additionalProperties} = follow(declared)
    return [...Object.values(properties), items, additionalProperties].every(part => fits(part, depth + 1))
  }
}
