import type {AppRef} from '../anchor/index.ts'
import {corruptAnchor} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {revealSecrets, secretToken} from '../expr/index.ts'
import {deriveHash, generateKey, generateSecret, importKey, type Key, keptForm, writeKey} from '../keys/index.ts'
import type {Kube} from '../kube/index.ts'
import {findObject, isForbidden} from '../kube/index.ts'
import type {BindingNeed, Interfaces, Resolution, SecretNeed} from '../params/index.ts'
import {completeOutputs} from '../params/index.ts'

/**
 * The value of every secret of a revision: kept where it was, given as it is, read from where it is referred to, else generated, once.
 * @param draft leaves out keys that have yet to be made: a plan shows words in their place, and a large one takes seconds
 * @throws UserError `params.invalid` where a referred Secret is not there
 */
export async function makeSecrets(
  kube: Kube,
  resolution: Resolution,
  interfaces: Interfaces,
  kept: Record<string, string>,
  {draft = false}: {draft?: boolean} = {},
): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  const keys = new Map<string, Key>()
  for (const {name, source} of resolution.secrets) {
    if (source.from === 'kept') values[name] = kept[source.was ?? name] ?? missing(name)
    else if (source.from === 'given') values[name] = source.value
    else if (source.from === 'secretKey') values[name] = await readReferred(kube, name, source)
    else if (source.from === 'generate') {
      const {spec} = source
      if (!('algorithm' in spec)) values[name] = kept[name] ?? generateSecret(spec)
      else if (!draft) keys.set(name, await generateKey(spec))
    }
  }
  for (const [name, key] of keys) values[name] = writeKey(key, keptForm(key.algorithm))
  for (const {name, source} of resolution.secrets) {
    if (source.from === 'form' && !(draft && values[source.of] === undefined))
      values[name] = writeKey(keyOf(source, keys, values), source.form)
    if (source.from === 'hash') values[name] = await hashFor(name, source, resolution.secrets, kept, values)
  }
  for (const need of resolution.bindings) Object.assign(values, computedOutputs(need, interfaces, values))
  return values
}

type From<S extends SecretNeed['source']['from']> = Extract<SecretNeed['source'], {from: S}>

/** The key that a form is of: made just now, or read, and then spelled as berth keeps it. */
function keyOf({of, algorithm, hosts}: From<'form'>, keys: Map<string, Key>, values: Record<string, string>): Key {
  const known = keys.get(of)
  if (known !== undefined) return known
  const {[of]: text = '', [`${of}.certificate`]: certificate, [`${of}.ca`]: ca} = values
  const read = importKey(algorithm, {text, hosts, ...(certificate !== undefined && {certificate}), ...(ca && {ca})})
  if ('problem' in read) throw wrongSecret(of, 'key', `the key ${read.problem}`)
  keys.set(of, read.key)
  values[of] = writeKey(read.key, keptForm(algorithm))
  if (ca === '') values[`${of}.ca`] = writeKey(read.key, 'ca') // its Secret has none beside the chain
  return read.key
}

/** The kept hash, as long as what it is of stays. */
async function hashFor(
  name: string,
  {of, derivation, user, was = name}: From<'hash'>,
  needs: readonly SecretNeed[],
  kept: Record<string, string>,
  values: Record<string, string>,
): Promise<string> {
  const password = values[of]
  if (password === undefined) throw wrongSecret(name, 'derive', `the package makes it of ${of}, which is no secret`)
  const source = needs.find(need => need.name === of)?.source
  const before = kept[source?.from === 'kept' ? (source.was ?? of) : of]
  const hash = kept[was]
  if (hash !== undefined && before === password && (user === undefined || hash.startsWith(`${user}:`))) return hash
  const made = await deriveHash(derivation, password, user)
  if ('problem' in made) throw wrongSecret(of, 'derive', made.problem)
  return made.hash
}

function wrongSecret(parameter: string, code: string, message: string): UserError {
  const field = `/${parameter.replaceAll('.', '/')}`
  return new UserError('params.invalid', {message: `${field}: ${message}`, details: [{field, code, message}]})
}

/** Of an address that was given outright: secret outputs that follow from the others, such as a URL with the password in it. */
function computedOutputs(
  {parameter, interface: kind, provider}: BindingNeed,
  interfaces: Interfaces,
  values: Record<string, string>,
): Record<string, string> {
  const schema = interfaces[kind]
  if (!('$literal' in provider) || schema === undefined) return {}
  const names = Object.keys(schema.outputs).filter(name => schema.outputs[name]?.secret === true)
  const key = (name: string) => `${parameter}.${name}`
  const tokens = names.filter(name => values[key(name)] !== undefined).map(name => [name, secretToken(key(name))])
  const outputs = completeOutputs(schema, {...provider.$literal, ...Object.fromEntries(tokens)})
  const computed = names.filter(name => values[key(name)] === undefined && outputs[name] !== undefined)
  return Object.fromEntries(
    computed.map(name => [key(name), revealSecrets(String(outputs[name]), known => values[known] ?? '')]),
  )
}

const missing = (name: string): never => {
  throw new Error(`secret ${name} is said to be kept, but is not there`)
}

async function readReferred(kube: Kube, parameter: string, source: From<'secretKey'>): Promise<string> {
  const {namespace, secret, key, optional} = source
  const refuse = (why: string) => wrongSecret(parameter, 'reference', `Secret ${namespace}/${secret}: ${why}`)
  let found: Awaited<ReturnType<typeof findObject>>
  try {
    found = await findObject(kube, {apiVersion: 'v1', kind: 'Secret', namespace, name: secret})
  } catch (error) {
    if (isForbidden(error)) throw refuse('you may not read it')
    throw error
  }
  if (found === undefined) throw refuse('it does not exist')
  const value = (found.data as Record<string, string> | undefined)?.[key]
  if (value === undefined && optional) return ''
  if (value === undefined) throw refuse(`it has no key ${key}`)
  return Buffer.from(value, 'base64').toString()
}

/** Every secret that is going to be written is there. @throws UserError `app.corrupt`: who may edit the namespace can empty the Secret */
export function requireSecrets(ref: AppRef, secret: string, names: string[], values: Record<string, string>): void {
  const lost = names.filter(name => values[name] === undefined)
  if (lost.length > 0) throw corruptAnchor(ref, `Secret ${secret}`, `it lacks ${lost.join(', ')}`)
}
