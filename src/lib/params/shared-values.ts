import type {Fields} from './fields.ts'
import {isRecord, type Path} from './json.ts'
import {checkLimits, limits} from './limits.ts'
import {edited} from './merge.ts'
import {typesOf} from './schema/check.ts'
import type {Fault} from './schema/fault.ts'
import {type Coerced, coerceText, schemaAt} from './schema-at.ts'
import type {Answers, Found, SharedValue} from './types.ts'

/** A place in answers that takes a shared value: `{$value: name}`. */
export interface ValueReference {
  path: Path
  name: string
}

/** Every `{$value: name}` in answers. Deeper than answers may be, nothing is looked for: that is refused anyway. */
export const valueReferences = (answers: unknown): ValueReference[] => references('$value', answers, [])

/** Every `{$service: name}`, or `service:name` as text, which only a binding takes for one. */
export const serviceReferences = (answers: unknown): ValueReference[] => references('$service', answers, [])

function references(word: '$value' | '$service', answers: unknown, path: Path): ValueReference[] {
  const short = word === '$service' && typeof answers === 'string' ? /^service:(.+)$/.exec(answers)?.[1] : undefined
  if (short !== undefined) return [{path, name: short}]
  if (typeof answers !== 'object' || answers === null || path.length > limits.depth) return []
  // what answers to another package refer to is looked up for that one
  if ('$new' in answers) return []
  const {[word]: name, ...others} = answers as Record<string, unknown>
  if (typeof name === 'string' && Object.keys(others).length === 0) return [{path, name}]
  const entries = Array.isArray(answers) ? [...answers.entries()] : Object.entries(answers)
  return entries.flatMap(([key, item]) => references(word, item, [...path, key]))
}

/**
 * Answers with shared values in place of what refers to them. A value is text, and the schema of the place says what it means, as with
 * `--set`; a list or an object is JSON. A secret one never becomes an answer: in its place stands where it is.
 */
export function takeValues(
  answers: Answers,
  values: Readonly<Record<string, Found<SharedValue>>>,
  fields: Fields,
): {answers: Answers; references: ValueReference[]; faults: Fault[]} {
  const found = valueReferences(answers)
  const faults: Fault[] = []
  let taken = answers
  let bytes = 0
  for (const {path, name} of found) {
    const read = readValue(name, Object.hasOwn(values, name) ? values[name] : undefined, path, fields)
    if ('fault' in read) faults.push({path, ...read.fault})
    else {
      taken = edited(taken, path, 0, read.value) as Answers
      bytes += JSON.stringify(read.value).length
      if (bytes > limits.bytes) faults.push({path, code: 'size', message: 'makes the answers larger than 1 MiB'})
    }
  }
  return {answers: taken, references: found, faults}
}

function readValue(name: string, found: Found<SharedValue> | undefined, path: Path, fields: Fields): Coerced {
  const refuse = (message: string): Coerced => ({fault: {code: 'reference', message}})
  if (found === undefined) return refuse(`there is no shared value ${name}: berth value list shows those there are`)
  if ('problem' in found) return refuse(found.problem)
  const at = schemaAt(fields, path)
  const forms = 'forms' in at ? at.forms : []
  const wantsSecret = forms.some(form => fields.kindOf(form)?.widget === 'password')
  if ('secret' in found) {
    if (!wantsSecret) return refuse(`asks for no secret, and the shared value ${name} is one`)
    return {value: {$secret: `${found.namespace}/${found.secret}/${found.key}`}}
  }
  if (wantsSecret) return refuse(`asks for a secret, and the shared value ${name} is none`)
  const coerced = coerceText(found.text, forms, fields)
  const takesJson = forms.some(form => typesOf(form).some(type => type === 'array' || type === 'object'))
  const read = 'fault' in coerced && takesJson ? readJson(found.text) : coerced
  if ('value' in read) return read
  return {fault: {...read.fault, message: `${read.fault.message}, and the shared value ${name} is not`}}
}

function readJson(text: string): Coerced {
  const wrong = (message: string): Coerced => ({fault: {code: 'type', message}})
  try {
    const value: unknown = JSON.parse(text)
    const [over] = checkLimits(value)
    return over === undefined && (Array.isArray(value) || isRecord(value)) ? {value} : wrong('must be a list or object')
  } catch {
    return wrong('must be JSON') // the parser's own message quotes the text
  }
}
