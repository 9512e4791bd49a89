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
  faults: ({generate}) =>
    generate === false || generateSpec(generate) !== undefined
      ? []
      : ['generate must be {length}, {bytes, encoding}, {uuid: true} or false'],
  async resolve({name, path, param, answer, context}) {
    const {need, faults} = await secretSource(name, path, param, answer, context)
    if (need === undefined) return {value: null, faults}
    const value = {ref: {name: context.secretName, key: name}, value: secretToken(name)}
    return {value, secrets: [need], stored: {answer: storedSecret(answer)}}
  },
}

/** JSON Schema of an object with one field. */
export function only(key: string, schema: ParamSchema): ParamSchema {
  return {type: 'object', properties: {[key]: schema}, required: [key], additionalProperties: false}
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
      only('$secret', {type: 'string', ...place}),
      only('$file', {type: 'string', minLength: 1}),
      only('$env', {type: 'string', minLength: 1}),
      only('$kept', {const: true}),
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
    const spec = param.generate === false ? undefined : (generateSpec(param.generate) ?? byDefault)
    return spec === undefined ? {faults: []} : from({from: 'generate', spec})
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
  const faults = checkValue(secretText(param), value, path, {root: {}, expand: schema => schema})
  return faults.length > 0 ? {faults: faults.slice(0, 1)} : from({from: 'given', value: String(value)})
}

/** How a secret is made when nothing says it: 24 letters and digits, about 143 bits. */
const byDefault: GenerateSpec = {length: 24}

/** How the package wants it made; undefined where that cannot be done. */
function generateSpec(generate: unknown = byDefault): GenerateSpec | undefined {
  if (!isRecord(generate)) return undefined
  const fits = generators.find(({words}) => Object.keys(generate).every(word => words.includes(word)))
  return fits?.read(generate)
}

const generators: {words: string[]; read(said: Record<string, unknown>): GenerateSpec | undefined}[] = [
  {
    words: ['length', 'alphabet'],
    read({length = 24, alphabet}) {
      if (!isBetween(length, 8, 4096)) return undefined
      if (alphabet === undefined) return {length}
      return typeof alphabet === 'string' && new Set(alphabet).size >= 10 ? {length, alphabet} : undefined
    },
  },
  {
    words: ['bytes', 'encoding', 'prefix'],
    read({bytes, encoding = 'base64url', prefix}) {
      const known = encoding === 'base64' || encoding === 'base64url' || encoding === 'hex'
      if (!isBetween(bytes, 16, 4096) || !known) return undefined
      if (prefix === undefined) return {bytes, encoding}
      return typeof prefix === 'string' ? {bytes, encoding, prefix} : undefined
    },
  },
  {words: ['uuid'], read: ({uuid}) => (uuid === true ? {uuid} : undefined)},
]

function isBetween(n: unknown, least: number, most: number): n is number {
  return typeof n === 'number' && Number.isInteger(n) && n >= least && n <= most
}
