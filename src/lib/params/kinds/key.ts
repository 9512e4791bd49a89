import {type ExprType, secretToken} from '../../expr/index.ts'
import {
  algorithms,
  certificateProblem,
  forms,
  formsOf,
  importKey,
  type KeyAlgorithm,
  type KeyForm,
  type KeySpec,
  keptForm,
  writeKey,
} from '../../keys/index.ts'
import {isRecord} from '../json.ts'
import {listOf} from '../schema/fault.ts'
import type {ParamSchema, SecretNeed} from '../types.ts'
import type {Kind, KindField} from './kind.ts'
import {packageFault, placeType, type Sourced, secretAnswer, sourceOf, storedSecret} from './secret-answer.ts'

const tlsSecret = {
  pattern: '^[^/\\s]+/[^/\\s]+$',
  examples: ['web/wildcard-tls'],
  'x-berth-expected': 'namespace/name of a Secret with tls.key and tls.crt',
}

/**
 * Keys, made once unless `generate: false`, or given: as PEM, JWK or base64; of `tls` with the certificate in the same PEM. Each form of a
 * key is in the app's Secret under a name of its own; templates see the public ones as text.
 */
export const key: Kind = {
  name: 'key',
  widget: 'password',
  words: ['algorithm', 'generate', 'hosts', 'days', 'rotate'],
  secret: true,
  named: true,
  schema: ({algorithm}) => secretAnswer({type: 'string', minLength: 1}, ...(algorithm === 'tls' ? [tlsSecret] : [])),
  type: keyType,
  print: answer => (isRecord(answer) && !('$kept' in answer) ? JSON.stringify(answer) : '(hidden)'),
  fills: param => param.generate !== false,
  input: ({hosts}) => hosts,
  faults(param) {
    const algorithm = algorithmOf(param)
    if (algorithm === undefined) return [`algorithm must be ${listOf(Object.keys(algorithms), 'or')}`]
    if (param.generate !== undefined && typeof param.generate !== 'boolean')
      return ['generate of a key is true or false']
    const {hosts, days} = param
    if (algorithm !== 'tls') return hosts === undefined && days === undefined ? [] : ['only tls has hosts and days']
    return Array.isArray(hosts) && hosts.length > 0 ? [] : ['a tls key needs hosts: whom its certificate is for']
  },
  async resolve(field) {
    const {name, path, param, answer, context} = field
    const algorithm = algorithmOf(param)
    if (algorithm === undefined)
      return {value: null, faults: [packageFault(path, 'algorithm', String(param.algorithm))]}
    const {source, faults} = await keySource(field, algorithm)
    if (source === undefined) return {value: null, faults}
    const secrets = needsOf(field, algorithm, source)
    const wrong = secrets.flatMap(need => ('problem' in need ? [{path, code: 'key', message: need.problem}] : []))
    if (wrong.length > 0) return {value: null, faults: wrong}
    const needs = secrets.filter(need => 'source' in need)
    const given = new Map(needs.flatMap(need => (need.source.from === 'given' ? [[need.name, need.source.value]] : [])))
    const known = (part: string) => given.get(part) ?? context.published?.[part] ?? `<${part}: known once it is made>`
    return {
      value: seenAs(name, algorithm, context.secretName, known),
      secrets: needs,
      stored: {answer: storedSecret(answer)},
    }
  },
}

function algorithmOf({algorithm}: ParamSchema): KeyAlgorithm | undefined {
  return Object.hasOwn(algorithms, String(algorithm)) ? (algorithm as KeyAlgorithm) : undefined
}

/** A key's first form has the parameter's name, the others theirs below it. */
function partName(name: string, algorithm: KeyAlgorithm, form: KeyForm): string {
  return form === keptForm(algorithm) ? name : `${name}.${form}`
}

async function keySource(field: KindField, algorithm: KeyAlgorithm): Promise<Sourced> {
  const {path, param, input} = field
  const {source, faults} = await sourceOf(field)
  if (source !== undefined || faults.length > 0 || param.generate === false) return {...(source && {source}), faults}
  if (algorithm !== 'tls') return {source: {from: 'generate', spec: {algorithm}}, faults}
  const spec: KeySpec = {algorithm, hosts: hostsIn(input), days: typeof param.days === 'number' ? param.days : 3650}
  const problem = certificateProblem(spec)
  return problem === undefined
    ? {source: {from: 'generate', spec}, faults}
    : {faults: [packageFault(path, 'hosts', problem)]}
}

function hostsIn(input: unknown): string[] {
  return Array.isArray(input) ? input.filter(host => host !== null).map(String) : []
}

/** What must be in the Secret: each form of the key. What is given is read here, so that it is told with the other answers. */
function needsOf(
  {name, input, context}: KindField,
  algorithm: KeyAlgorithm,
  source: SecretNeed['source'],
): (SecretNeed | {problem: string})[] {
  const hosts = hostsIn(input)
  const parts = formsOf(algorithm).map(form => ({form, part: partName(name, algorithm, form)}))
  if (source.from === 'given') {
    const read = importKey(algorithm, algorithm === 'tls' ? {...splitPem(source.value), hosts} : {text: source.value})
    if ('problem' in read) return [read]
    return parts.map(({form, part}) => ({name: part, source: {from: 'given', value: writeKey(read.key, form)}}))
  }
  return parts.map(({form, part}): SecretNeed => {
    if (source.from === 'kept' && context.kept.has(part)) return {name: part, source}
    if (source.from === 'secretKey' && algorithm === 'tls') {
      if (part === name) return {name, source: {...source, key: 'tls.key'}}
      if (form === 'certificate') return {name: part, source: {...source, key: 'tls.crt'}}
    }
    return {
      name: part,
      source:
        part === name
          ? source
          : {from: 'form', of: name, form, algorithm, hosts: source.from === 'secretKey' ? hosts : []},
    }
  })
}

/** A key and its certificates, in one file as servers take them. */
function splitPem(text: string): {text: string; certificate?: string} {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g) ?? []
  const certificates = blocks.filter(block => block.startsWith('-----BEGIN CERTIFICATE'))
  const own = blocks.find(block => /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(block))
  return {text: own ?? text, ...(certificates.length > 0 && {certificate: `${certificates.join('\n')}\n`})}
}

function keyType(param: ParamSchema): ExprType {
  const algorithm = algorithmOf(param)
  if (algorithm === undefined) return {t: 'dyn'}
  const held: Record<string, ExprType> = {ref: placeType, value: {t: 'secret'}}
  const parts = formsOf(algorithm).map((form): [string, ExprType] => [
    form,
    forms[form].secret ? {t: 'object', fields: held} : {t: 'string'},
  ])
  return {t: 'object', fields: {...held, ...Object.fromEntries(parts)}}
}

/** What templates see: a place and a token for each secret form, the text of each public one. */
function seenAs(name: string, algorithm: KeyAlgorithm, secretName: string, known: (part: string) => string) {
  const held = (part: string) => ({ref: {name: secretName, key: part}, value: secretToken(part)})
  const parts = formsOf(algorithm).map(form => {
    const part = partName(name, algorithm, form)
    return [form, forms[form].secret ? held(part) : known(part)]
  })
  return {...held(name), ...Object.fromEntries(parts)}
}
