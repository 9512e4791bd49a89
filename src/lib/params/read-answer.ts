import {type Declaration, entrySchema, unsetValue} from './declaration.ts'
import {isRecord, type Path} from './json.ts'
import {checkValue} from './schema/check.ts'
import type {Fault} from './schema/fault.ts'
import type {ParamSchema} from './types.ts'

/** An answer, read by its schema. */
export interface ReadAnswer {
  /** In its long form. */
  answer: unknown
  /**
   * What templates see of it, unless its kind says otherwise: in entries of lists, fields that were left out have their default or are
   * null, because selecting a field that is not there is an error.
   */
  value: unknown
  /** What of it is no short form. */
  faults: Fault[]
}

/** Turns short forms into long ones, in a field itself and in the entries of lists and dictionaries. */
export function readAnswer(
  declared: ParamSchema | undefined,
  answer: unknown,
  path: Path,
  declaration: Declaration,
): ReadAnswer {
  if (declared === undefined) return {answer, value: answer, faults: []}
  const param = declaration.follow(declared)
  const kind = declaration.kindOf(param)
  if (kind !== undefined) {
    const parsed = typeof answer === 'string' ? kind.parse?.(answer, param, declaration.interfaces) : undefined
    if (parsed === undefined) return {answer, value: answer, faults: []}
    if ('answer' in parsed) return {answer: parsed.answer, value: parsed.answer, faults: []}
    return {answer, value: null, faults: [{path, code: kind.name, message: parsed.problem, got: answer}]}
  }
  if (Array.isArray(answer)) {
    const entry = isRecord(param.items) ? param.items : undefined
    const items = answer.map((item, index) => readAnswer(entry, item, [...path, index], declaration))
    return {
      answer: items.map(item => item.answer),
      value: items.map(item => item.value),
      faults: items.flatMap(({faults}) => faults),
    }
  }
  if (!isRecord(answer)) return {answer, value: answer, faults: []}
  const parts = Object.entries(answer).map(
    ([key, item]) => [key, readAnswer(entrySchema(param, key), item, [...path, key], declaration)] as const,
  )
  const unsaid = Object.entries(param.properties ?? {})
    .filter(([key]) => !Object.hasOwn(answer, key))
    .map(([key, one]) => [key, readDefault(one, [...path, key], declaration)] as const)
  return {
    answer: Object.fromEntries(parts.map(([key, part]) => [key, part.answer])),
    value: Object.fromEntries([...unsaid, ...parts].map(([key, part]) => [key, part.value])),
    faults: [...unsaid, ...parts].flatMap(([, {faults}]) => faults),
  }
}

type ReadDefault = Omit<ReadAnswer, 'answer'>

/** Each once, whichever entry leaves it out: defaults that hold others would be read again with every step. */
const readDefaults = new WeakMap<ParamSchema, ReadDefault>()

/** How many values a default may come to with those in it: each entry that leaves it out has them all. */
const most = 1000

/** What stands for a field of an entry that is left out. */
function readDefault(declared: ParamSchema, path: Path, declaration: Declaration): ReadDefault {
  const param = declaration.follow(declared)
  const byDefault = param.default ?? null
  if (byDefault === null) return {value: unsetValue(param), faults: []}
  const {value, faults} = readDefaults.get(declared) ?? read()
  return {value, faults: faults.map(fault => ({...fault, path: [...path, ...fault.path]}))}

  function read(): ReadDefault {
    readDefaults.set(declared, wrong({path: [], code: 'cycle', message: 'it is in itself'}))
    const {answer, value, faults} = readAnswer(param, byDefault, [], declaration)
    const [fault = countOf(value) > most ? tooMuch : undefined] =
      faults.length > 0 ? faults : checkValue(param, answer, [], declaration)
    const known = fault === undefined ? {value, faults: []} : wrong(fault)
    readDefaults.set(declared, known)
    return known
  }
}

const tooMuch: Fault = {path: [], code: 'size', message: `it comes to more than ${most} values`}

/** Told once, however deep it is. */
function wrong(fault: Fault): ReadDefault {
  const message = `has a default that does not fit: ${fault.message}`
  return {value: null, faults: [fault.code === 'default' ? fault : {...fault, code: 'default', message}]}
}

/** Of a value with all that is in it; no more are counted than have to be. */
function countOf(value: unknown): number {
  let count = 1
  if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) if (count <= most) count += countOf(part)
  return count
}
