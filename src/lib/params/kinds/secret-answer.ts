import {isRecord, type Path} from '../json.ts'
import {checkValue} from '../schema/check.ts'
import type {Fault} from '../schema/fault.ts'
import {readSource, type Source} from '../source.ts'
import type {ParamSchema, SecretNeed} from '../types.ts'
import type {KindField} from './kind.ts'
import {textConstraints} from './text.ts'

/** JSON Schema of an object with just these fields. */
export function exactly(properties: Record<string, ParamSchema>, required = Object.keys(properties)): ParamSchema {
  return {type: 'object', properties, required, additionalProperties: false}
}

/** Where in the cluster a secret is. */
interface Place {
  pattern: string
  examples: string[]
  'x-berth-expected': string
}

const secretKey: Place = {
  pattern: '^[^/\\s]+/[^/\\s]+/[^/\\s]+$',
  examples: ['shared/mail/password'],
  'x-berth-expected': 'namespace/name/key of a Secret',
}

/** JSON Schema of the answer to what is secret: text, or where the text is. */
export function secretAnswer(text: ParamSchema, place: Place = secretKey): ParamSchema {
  const whereInCluster = place['x-berth-expected'].replace(/ of .*/, '')
  return {
    'x-berth-expected': `text, {$secret: ${whereInCluster}}, {$file: path} or {$env: NAME}`,
    anyOf: [
      text,
      exactly({$secret: {type: 'string', ...place}}),
      exactly({$file: {type: 'string', minLength: 1}}),
      exactly({$env: {type: 'string', minLength: 1}}),
      exactly({$kept: {const: true}}),
    ],
  }
}

/** JSON Schema of a secret that is said outright. */
export function secretText(param: ParamSchema): ParamSchema {
  return {type: 'string', minLength: 1, ...textConstraints(param)}
}

/** What is kept of a secret's answer: references stay, values leave a trace that says nothing about them. */
export function storedSecret(answer: unknown): unknown {
  return answer === undefined || (isRecord(answer) && '$secret' in answer) ? answer : {$kept: true}
}

/** Templates see a secret as this. */
export const placeType = {t: 'object', fields: {name: {t: 'string'}, key: {t: 'string'}}} as const

/** Where a value comes from: nothing said and nothing kept has no source; or what is wrong. */
export type Sourced = {source?: SecretNeed['source']; faults: Fault[]}

/** Where the value of an answer comes from. What is given outright is not checked yet. */
export async function sourceOf({
  name,
  path,
  answer,
  context,
}: Omit<KindField, 'param' | 'interfaces'>): Promise<Sourced> {
  const {$kept, $secret, $env, $file} = isRecord(answer) ? answer : {}
  const kept = context.kept.has(name)
  if (answer === undefined || $kept !== undefined) {
    if (kept) return {source: {from: 'kept'}, faults: []}
    const message = 'was given once and is not kept any more: give it again'
    return {faults: answer === undefined ? [] : [{path, code: 'required', message}]}
  }
  if (typeof $secret === 'string') {
    const [namespace = '', secret = '', key = ''] = $secret.split('/')
    return {source: {from: 'secretKey', namespace, secret, key}, faults: []}
  }
  if (typeof $file !== 'string' && typeof $env !== 'string') {
    return {source: {from: 'given', value: String(answer)}, faults: []}
  }
  const found = await readSource(answer as Source, context.read)
  if ('problem' in found) return {faults: [{path, code: 'unreadable', message: found.problem}]}
  const text = found.content.toString()
  // what `echo secret > file` adds is never meant; nothing else is touched
  return {source: {from: 'given', value: typeof $file === 'string' ? text.replace(/\r?\n$/, '') : text}, faults: []}
}

/** The source of a secret that is a text, checked as far as its value is given. */
export async function textSource(field: Omit<KindField, 'interfaces'>): Promise<Sourced> {
  const {source, faults} = await sourceOf(field)
  if (source?.from !== 'given') return {...(source && {source}), faults}
  const plain = {root: {}, expand: (same: ParamSchema) => same}
  const wrong = checkValue(secretText(field.param), source.value, field.path, plain)
  return wrong.length > 0 ? {faults: wrong.slice(0, 1)} : {source, faults}
}

/** As {@link KindField.path}, for messages of what a package says wrongly. */
export function packageFault(path: Path, code: string, problem: string): Fault {
  return {path, code, message: `cannot be made: the package says it wrongly: ${problem}`}
}
