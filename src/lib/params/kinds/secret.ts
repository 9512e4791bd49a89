import {secretToken} from '../../expr/index.ts'
import {isRecord, type Path} from '../json.ts'
import {checkValue} from '../schema/check.ts'
import type {Fault} from '../schema/fault.ts'
import {readSource, type Source} from '../source.ts'
import type {GenerateSpec, ParamSchema, ResolveContext, SecretNeed} from '../types.ts'
import type {Kind} from './kind.ts'
import {textConstraints} from './text.ts'

/**
 * Passwords and the like: generated once unless `generate: false`, or given. A given one is replaced by `{$kept: true}` in what is
 * stored, so that a lost Secret is noticed instead of being filled with something generated.
 */
export const secret: Kind = {
  name: 'secret',
  widget: 'password',
  words: ['generate', 'derive', 'rotate'],
  secret: true,
  named: true,
  schema: secretAnswer,
  type: () => ({
    t: 'object',
    fields: {ref: {t: 'object', fields: {name: {t: 'string'}, key: {t: 'string'}}}, value: {t: 'secret'}},
  }),
  print: answer => (isRecord(answer) && !('$kept' in answer) ? JSON.stringify(answer) : '(hidden)'),
  fills: param => param.generate !== false,
  faults: ({generate}) => generatorFaults(generate),
  async resolve({name, path, param, answer, context}) {
    const {need, faults} = await secretSource(name, path, param, answer, context)
    if (need === undefined) return {value: null, faults}
    const value = {ref: {name: context.secretName, key: name}, value: secretToken(name)}
    return {value, secrets: [need], stored: {answer: storedSecret(answer)}}
  },
}

/** JSON Schema of an object with just these fields. */
export function exactly(properties: Record<string, ParamSchema>, required = Object.keys(properties)): ParamSchema {
  return {type: 'object', properties, required, additionalProperties: false}
}

/** JSON Schema of a secret's answer: text, or where the text is. */
function secretAnswer(param: ParamSchema): ParamSchema {
  const place = {
    pattern: '^[^/\\s]+/[^/\\s]+/[^/\\s]+$',
    examples: ['shared/mail/password'],
    'x-berth-expected': 'namespace/name/key of a Secret',
  }
  return {
    'x-berth-expected': 'text, {$secret: namespace/name/key}, {$file: path} or {$env: NAME}',
    anyOf: [
      secretText(param),
      exactly({$secret: {type: 'string', ...place}}),
      exactly({$file: {type: 'string', minLength: 1}}),
      exactly({$env: {type: 'string', minLength: 1}}),
      exactly({$kept: {const: true}}),
    ],
  }
}

function secretText(param: ParamSchema): ParamSchema {
  return {type: 'string', minLength: 1, ...textConstraints(param)}
}

/** What is kept of a secret's answer: references stay, values leave a trace that says nothing about them. */
export function storedSecret(answer: unknown): unknown {
  return answer === undefined || (isRecord(answer) && '$secret' in answer) ? answer : {$kept: true}
}

/** What must be in the revision's Secret: nothing where there is no value and none is generated, or what is wrong. */
type Sourced = {need?: SecretNeed; faults: Fault[]}

/** Where the value comes from. */
export async function secretSource(
  name: string,
  path: Path,
  param: ParamSchema,
  answer: unknown,
  context: ResolveContext,
): Promise<Sourced> {
  const from = (source: SecretNeed['source']): Sourced => ({need: {name, source}, faults: []})
  const wrong = (code: string, message: string): Sourced => ({faults: [{path, code, message}]})
  if (answer === undefined) {
    if (context.kept.has(name)) return from({from: 'kept'})
    if (param.generate === false) return {faults: []}
    const [fault] = generatorFaults(param.generate)
    return fault === undefined ? from({from: 'generate', spec: generateSpec(param.generate)}) : wrong('generate', fault)
  }
  const {$kept, $secret, $env, $file} = isRecord(answer) ? answer : {}
  if ($kept !== undefined) {
    if (context.kept.has(name)) return from({from: 'kept'})
    return wrong('required', 'was given once and is not kept any more: give it again')
  }
  if (typeof $secret === 'string') {
    const [namespace = '', holder = '', key = ''] = $secret.split('/')
    return from({from: 'secretKey', namespace, secret: holder, key})
  }
  let value = answer
  if (typeof $file === 'string' || typeof $env === 'string') {
    const found = await readSource(answer as Source, context.read)
    if ('problem' in found) return wrong('unreadable', found.problem)
    // what `echo secret > file` adds is never meant; nothing else is touched
    value = typeof $file === 'string' ? found.text.replace(/\r?\n$/, '') : found.text
  }
  const faults = check(secretText(param), value, path)
  return faults.length > 0 ? {faults: faults.slice(0, 1)} : from({from: 'given', value: String(value)})
}

const range = (minimum: number) => ({type: 'integer', minimum, maximum: 4096})

/** Ways to make a secret, as a package says them. */
const generators: ParamSchema = {
  anyOf: [
    {const: false},
    exactly({length: range(8), alphabet: {type: 'string', minLength: 10}}, []),
    exactly({bytes: range(16), encoding: {enum: ['base64', 'base64url', 'hex']}, prefix: {type: 'string'}}, ['bytes']),
    exactly({uuid: {const: true}}),
  ],
}

/** Alphabets of few characters give little to guess, whatever their length. */
function generatorFaults(generate: unknown): string[] {
  const {alphabet} = isRecord(generate) ? generate : {}
  const poor = typeof alphabet === 'string' && new Set(alphabet).size < 10
  const fits = generate === undefined || check(generators, generate, []).length === 0
  return fits && !poor ? [] : ['generate must be {length}, {bytes, encoding}, {uuid: true} or false']
}

/** How it is made; when nothing says it, of 24 letters and digits, about 143 bits. */
function generateSpec(generate: unknown): GenerateSpec {
  const said = isRecord(generate) ? generate : {}
  return {...('uuid' in said ? {} : 'bytes' in said ? {encoding: 'base64url'} : {length: 24}), ...said} as GenerateSpec
}

/** Plain JSON Schema, without kinds. */
function check(schema: ParamSchema, value: unknown, path: Path): Fault[] {
  return checkValue(schema, value, path, {root: {}, expand: same => same})
}
