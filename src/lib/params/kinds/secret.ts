import {secretToken} from '../../expr/index.ts'
import {isRecord, type Path} from '../pointer.ts'
import type {Fault} from '../schema/fault.ts'
import {checkString} from '../schema/text.ts'
import type {GenerateSpec, ParamSchema, ResolveContext, SecretNeed} from '../types.ts'
import {constraintsOf, type Kind, textConstraints} from './kind.ts'

/**
 * Passwords and the like: generated once unless `generate: false`, or given. A given one is replaced by `{$kept: true}` in what is
 * stored, so that a lost Secret is noticed instead of being filled with something generated.
 */
export const secret: Kind = {
  name: 'secret',
  widget: 'password',
  secret: true,
  schema: param => secretAnswer(param),
  type: () => ({
    t: 'object',
    fields: {
      ref: {t: 'object', fields: {name: {t: 'string'}, key: {t: 'string'}}},
      value: {t: 'secret'},
    },
  }),
  print: answer => (isRecord(answer) && !('$kept' in answer) ? JSON.stringify(answer) : '(hidden)'),
  fills: param => param.generate !== false,
  faults: param =>
    isGenerateSpec(param.generate) ? [] : ['generate must be {length}, {bytes, encoding}, {uuid: true} or false'],
  async resolve({name, path, param, answer, required, context}) {
    const source = await secretSource(name, path, param, answer, context)
    if ('fault' in source) return {value: null, faults: [source.fault]}
    if (source.need === undefined) {
      return required ? {value: null, faults: [{path, code: 'required', message: 'is required'}]} : {value: null}
    }
    return {value: secretValue(name, context), secrets: [source.need], stored: {answer: storedSecret(answer)}}
  },
}

/** What a secret's answer is, for messages; also how a secret within another kind's answer is told. */
export const secretWords = 'text, {$secret: namespace/name/key}, {$file: path} or {$env: NAME}'

/** JSON Schema of a secret's answer: text, or where the text is. */
export function secretAnswer(param: ParamSchema): ParamSchema {
  const reference = (key: string, value: ParamSchema): ParamSchema => ({
    type: 'object',
    properties: {[key]: value},
    required: [key],
    additionalProperties: false,
  })
  return {
    'x-berth-expected': secretWords,
    anyOf: [
      {type: 'string', minLength: 1, ...constraintsOf(param, textConstraints)},
      reference('$secret', {
        type: 'string',
        pattern: '^[^/\\s]+/[^/\\s]+/[^/\\s]+$',
        examples: ['shared/mail/password'],
        'x-berth-expected': 'namespace/name/key of a Secret',
      }),
      reference('$file', {type: 'string', minLength: 1}),
      reference('$env', {type: 'string', minLength: 1}),
      reference('$kept', {const: true}),
    ],
  }
}

/** What templates see of a secret: where it is, and a token for its value. */
function secretValue(name: string, context: ResolveContext): Record<string, unknown> {
  return {ref: {name: context.secretName, key: name}, value: secretToken(name)}
}

/** What is kept of a secret's answer: references stay, values leave a trace that says nothing about them. */
export function storedSecret(answer: unknown): unknown {
  if (answer === undefined) return undefined
  return isRecord(answer) && '$secret' in answer ? answer : {$kept: true}
}

/** Where the value comes from; no need where there is none and none is generated. */
export async function secretSource(
  name: string,
  path: Path,
  param: ParamSchema,
  answer: unknown,
  context: ResolveContext,
): Promise<{need: SecretNeed | undefined} | {fault: Fault}> {
  if (answer === undefined) {
    if (context.kept.has(name)) return {need: {name, source: {from: 'kept'}}}
    if (param.generate === false) return {need: undefined}
    return {need: {name, source: {from: 'generate', spec: generateSpec(param.generate)}}}
  }
  if (isRecord(answer) && '$kept' in answer) {
    if (context.kept.has(name)) return {need: {name, source: {from: 'kept'}}}
    return {fault: {path, code: 'required', message: 'was given once and is not kept any more: give it again'}}
  }
  if (isRecord(answer) && typeof answer.$secret === 'string') {
    const [namespace = '', from = '', key = ''] = answer.$secret.split('/')
    return {need: {name, source: {from: 'secretKey', namespace, secret: from, key}}}
  }
  const read = await readValue(answer, path, context)
  if ('fault' in read) return read
  const [wrong] = checkString({minLength: 1, ...constraintsOf(param, textConstraints)}, read.value, path)
  return wrong === undefined ? {need: {name, source: {from: 'given', value: read.value}}} : {fault: wrong}
}

async function readValue(
  answer: unknown,
  path: Path,
  {read}: ResolveContext,
): Promise<{value: string} | {fault: Fault}> {
  if (isRecord(answer) && typeof answer.$env === 'string') {
    const value = read.env(answer.$env)
    if (value !== undefined) return {value}
    return {fault: {path, code: 'unreadable', message: `the environment has no variable ${answer.$env}`}}
  }
  if (isRecord(answer) && typeof answer.$file === 'string') {
    try {
      // what `echo secret > file` adds is never meant; nothing else is touched
      return {value: (await read.file(answer.$file)).replace(/\r?\n$/, '')}
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return {fault: {path, code: 'unreadable', message: `the file ${answer.$file} cannot be read: ${why}`}}
    }
  }
  return {value: typeof answer === 'string' ? answer : ''}
}

/** How a secret is made when nothing says it: 24 letters and digits, about 143 bits. */
function generateSpec(generate: unknown): GenerateSpec {
  if (!isRecord(generate)) return {length: 24}
  if (generate.uuid === true) return {uuid: true}
  if (typeof generate.bytes === 'number') {
    const encoding = generate.encoding === 'base64' || generate.encoding === 'hex' ? generate.encoding : 'base64url'
    return {bytes: generate.bytes, encoding, ...(typeof generate.prefix === 'string' ? {prefix: generate.prefix} : {})}
  }
  const length = typeof generate.length === 'number' ? generate.length : 24
  return {length, ...(typeof generate.alphabet === 'string' ? {alphabet: generate.alphabet} : {})}
}

function isGenerateSpec(generate: unknown): boolean {
  if (generate === undefined || generate === false) return true
  if (!isRecord(generate)) return false
  const {length, alphabet, bytes, encoding, prefix, uuid, ...rest} = generate
  if (Object.keys(rest).length > 0) return false
  if (uuid !== undefined) return uuid === true && length === undefined && bytes === undefined
  const inRange = (n: unknown, least: number) =>
    n === undefined || (Number.isInteger(n) && Number(n) >= least && Number(n) <= 4096)
  if (bytes !== undefined) {
    const known = encoding === undefined || ['base64', 'base64url', 'hex'].includes(String(encoding))
    return inRange(bytes, 16) && known && length === undefined && (prefix === undefined || typeof prefix === 'string')
  }
  const letters = alphabet === undefined || (typeof alphabet === 'string' && new Set(alphabet).size >= 10)
  return inRange(length, 8) && letters && encoding === undefined && prefix === undefined
}
