import {followReference} from './expand.ts'
import {unsetValue} from './fields.ts'
import {kinds} from './kinds/index.ts'
import type {Interfaces} from './kinds/kind.ts'
import {isRecord, type Path} from './pointer.ts'
import type {Fault} from './schema/fault.ts'
import type {ParamSchema} from './types.ts'

/** An answer in its long form, and what could not be read of it. */
export interface Normal {
  answer: unknown
  faults: Fault[]
}

/** Turns short forms into long ones, in a field itself and in the entries of lists and dictionaries. */
export function normaliseAnswer(
  declared: ParamSchema,
  answer: unknown,
  path: Path,
  root: ParamSchema,
  interfaces: Interfaces,
): Normal {
  const param = followReference(declared, root)
  const kind = param.kind === undefined ? undefined : kinds.get(param.kind)
  if (kind !== undefined) {
    if (typeof answer !== 'string' || kind.parse === undefined) return {answer, faults: []}
    const parsed = kind.parse(answer, param, interfaces)
    if ('answer' in parsed) return {answer: parsed.answer, faults: []}
    return {answer, faults: [{path, code: kind.name, message: parsed.problem, got: answer}]}
  }
  const faults: Fault[] = []
  const inner = (schema: unknown, item: unknown, step: string | number): unknown => {
    if (!isRecord(schema)) return item
    const normal = normaliseAnswer(schema as ParamSchema, item, [...path, step], root, interfaces)
    faults.push(...normal.faults)
    return normal.answer
  }
  if (Array.isArray(answer)) return {answer: answer.map((item, index) => inner(param.items, item, index)), faults}
  if (!isRecord(answer)) return {answer, faults}
  const entries = Object.entries(answer).map(([key, item]) => [key, inner(entrySchema(param, key), item, key)])
  return {answer: Object.fromEntries(entries), faults}
}

/**
 * What templates see of a plain answer: in entries of lists, fields that were left out have their default or are null, because
 * selecting a field that is not there is an error.
 */
export function completeAnswer(declared: ParamSchema, answer: unknown, root: ParamSchema): unknown {
  const param = followReference(declared, root)
  if (Array.isArray(answer)) {
    const {items} = param
    return isRecord(items) ? answer.map(item => completeAnswer(items as ParamSchema, item, root)) : answer
  }
  if (!isRecord(answer)) return answer
  const completed: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(param.properties ?? {})) {
    if (!Object.hasOwn(answer, key)) completed[key] = schema.default ?? unsetValue(schema)
  }
  for (const [key, item] of Object.entries(answer)) {
    const schema = entrySchema(param, key)
    completed[key] = isRecord(schema) ? completeAnswer(schema as ParamSchema, item, root) : item
  }
  return completed
}

function entrySchema(param: ParamSchema, key: string): unknown {
  const own = param.properties !== undefined && Object.hasOwn(param.properties, key) ? param.properties[key] : undefined
  return own ?? param.additionalProperties
}
