import {createHash} from 'node:crypto'
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
import {offered} from '../choices.ts'
import {isRecord} from '../json.ts'
import {listOf} from '../schema/fault.ts'
import type {CertificateNeed, ParamSchema, SecretNeed} from '../types.ts'
import type {Kind, KindField, KindResult} from './kind.ts'
import {objectName} from './object-name.ts'
import {exactly, packageFault, placeType, type Sourced, secretAnswer, sourceOf, storedSecret} from './secret-answer.ts'

const tlsSecret = {
  pattern: '^[^/\\s]+/[^/\\s]+$',
  examples: ['web/wildcard-tls'],
  'x-berth-expected': 'namespace/name of a Secret with tls.key and tls.crt',
}

const issuerPattern = '^(Cluster)?Issuer/[a-z0-9]([a-z0-9.-]*[a-z0-9])?$'
const issuerAnswer = exactly({
  $issuer: {
    type: 'string',
    pattern: issuerPattern,
    examples: ['ClusterIssuer/letsencrypt'],
    'x-berth-expected': 'an issuer of cert-manager, as Issuer/name or ClusterIssuer/name',
  },
})

function answerSchema({algorithm}: ParamSchema): ParamSchema {
  if (algorithm !== 'tls') return secretAnswer(text)
  const {anyOf, 'x-berth-expected': words} = secretAnswer(text, tlsSecret)
  return {'x-berth-expected': `${words}, or {$issuer: Issuer/name}`, anyOf: [...(anyOf as ParamSchema[]), issuerAnswer]}
}

const text = {type: 'string', minLength: 1}

const issuerOf = (answer: unknown): string | undefined =>
  isRecord(answer) && typeof answer.$issuer === 'string' ? answer.$issuer : undefined

/**
 * Keys, made once unless `generate: false`, or given: as PEM, JWK or base64; of `tls` with the certificate in the same PEM, or made and renewed
 * by cert-manager. Each form of a key is in the app's Secret under a name of its own; templates see the public ones as text. Of `tls` there
 * is a Secret as servers take it, too, which is all that templates see of one by cert-manager.
 */
export const key: Kind = {
  name: 'key',
  widget: 'password',
  words: ['algorithm', 'generate', 'hosts', 'days', 'rotate'],
  secret: true,
  named: true,
  schema: answerSchema,
  type: keyType,
  parse: (said, {algorithm}) => ({
    answer: algorithm === 'tls' && new RegExp(issuerPattern).test(said) ? {$issuer: said} : said,
  }),
  choices: async ({algorithm}, lookup) => {
    const issuers = algorithm === 'tls' ? await offered({from: 'issuers'}, lookup) : undefined
    return (issuers ?? []).map(({value, title}) => ({value: {$issuer: value}, title}))
  },
  picks: answer => {
    const name = issuerOf(answer)
    return name === undefined ? undefined : {name, from: 'issuers'}
  },
  print: answer => issuerOf(answer) ?? (isRecord(answer) && !('$kept' in answer) ? JSON.stringify(answer) : '(hidden)'),
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
    const issuer = issuerOf(answer)
    if (issuer !== undefined) return issued(field, issuer)
    const {source, faults} = await keySource(field, algorithm)
    if (source === undefined) return {value: null, faults}
    const secrets = needsOf(field, algorithm, source)
    const wrong = secrets.flatMap(need => ('problem' in need ? [{path, code: 'key', message: need.problem}] : []))
    if (wrong.length > 0) return {value: null, faults: wrong}
    const needs = secrets.filter(need => 'source' in need)
    const given = new Map(needs.flatMap(need => (need.source.from === 'given' ? [[need.name, need.source.value]] : [])))
    const known = (part: string) => given.get(part) ?? context.published?.[part] ?? `<${part}: known once it is made>`
    const certificate: CertificateNeed = {parameter: name, secret: objectName(context.app.name, `${name}-certificate`)}
    const seen = seenAs(name, algorithm, context.secretName, known)
    return {
      value: algorithm === 'tls' ? {...seen, ca: seen.ca || null, secret: certificate.secret} : seen,
      secrets: needs,
      certificates: algorithm === 'tls' ? [certificate] : [],
      stored: {answer: storedSecret(answer)},
    }
  },
}

/** One that cert-manager keeps: berth knows where it will be, and never what it is. */
function issued({name, path, input, context}: KindField, issuer: string): KindResult {
  const hosts = hostsIn(input)
  const problem = certificateProblem({hosts, days: 1})
  // out of sight nothing was worked out
  if (problem !== undefined && input !== undefined) return {value: null, faults: [packageFault(path, 'hosts', problem)]}
  // One of another issuer, or for other hosts, is another, so that pods are restarted for it, and the former stays for the way back.
  const which = createHash('sha256')
    .update(JSON.stringify([issuer, hosts]))
    .digest('hex')
    .slice(0, 8)
  const secret = objectName(context.app.name, `${name}-issued-${which}`)
  const key = {ref: {name: secret, key: 'tls.key'}, value: null}
  const others = formsOf('tls').map(form => [form, null])
  return {
    value: {...Object.fromEntries(others), ...key, privateKey: key, secret},
    certificates: [{parameter: name, secret, issuer, hosts}],
    stored: {answer: {$issuer: issuer}},
  }
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
    if ('problem' in read) return [algorithm === 'tls' ? {problem: `${read.problem}${orIssuer(source.value)}`} : read]
    return parts.map(({form, part}) => ({name: part, source: {from: 'given', value: writeKey(read.key, form)}}))
  }
  return parts.map(({form, part}): SecretNeed => {
    if (source.from === 'kept' && context.kept.has(part)) return {name: part, source}
    if (source.from === 'secretKey' && algorithm === 'tls') {
      if (part === name) return {name, source: {...source, key: 'tls.key'}}
      if (form === 'certificate') return {name: part, source: {...source, key: 'tls.crt'}}
      if (form === 'ca') return {name: part, source: {...source, key: 'ca.crt', optional: true}}
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

/** What is no PEM at all may have been meant for the name of an issuer. */
const orIssuer = (text: string): string =>
  text.includes('-----BEGIN') ? '' : ', with its certificate; or Issuer/NAME or ClusterIssuer/NAME, of cert-manager'

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
  // cert-manager's are not known
  const known = (of: ExprType): ExprType => (algorithm === 'tls' ? {t: 'nullable', of} : of)
  const held: Record<string, ExprType> = {ref: placeType, value: known({t: 'secret'})}
  const parts = formsOf(algorithm).map((form): [string, ExprType] => {
    const type: ExprType = forms[form].secret ? {t: 'object', fields: held} : {t: 'string'}
    return [form, form === keptForm(algorithm) ? type : known(type)]
  })
  const secret: ExprType = {t: 'string'}
  return {t: 'object', fields: {...held, ...Object.fromEntries(parts), ...(algorithm === 'tls' && {secret})}}
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
