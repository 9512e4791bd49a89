import {UserError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import {findObject, isForbidden} from '../kube/index.ts'
import type {InterfaceSchema, Resolution} from '../params/index.ts'
import {generateSecret} from '../params/index.ts'

/**
 * The value of every secret of a revision: kept where it was, given as it is, read from where it is referred to, else generated, once.
 * @throws UserError `params.invalid` where a referred Secret is not there
 */
export async function makeSecrets(
  kube: Kube,
  resolution: Resolution,
  interfaces: Record<string, InterfaceSchema>,
  kept: Record<string, string>,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  for (const {name, source} of resolution.secrets) {
    if (source.from === 'kept') values[name] = kept[name] ?? missing(name)
    else if (source.from === 'generate') values[name] = kept[name] ?? generateSecret(source.spec)
    else if (source.from === 'given') values[name] = source.value
    else values[name] = await readReferred(kube, name, source)
  }
  for (const {parameter, interface: kind, provider} of resolution.bindings) {
    if ('$literal' in provider) continue
    for (const [output, {generate}] of Object.entries(interfaces[kind]?.outputs ?? {})) {
      const name = `${parameter}.${output}`
      if (generate !== undefined) values[name] = kept[name] ?? generateSecret(generate)
    }
  }
  return values
}

const missing = (name: string): never => {
  throw new Error(`secret ${name} is said to be kept, but is not there`)
}

async function readReferred(
  kube: Kube,
  parameter: string,
  source: {namespace: string; secret: string; key: string},
): Promise<string> {
  const {namespace, secret, key} = source
  const refuse = (why: string) => {
    const field = `/${parameter.replaceAll('.', '/')}`
    const message = `Secret ${namespace}/${secret}: ${why}`
    return new UserError('params.invalid', {
      message: `${field}: ${message}`,
      details: [{field, code: 'reference', message}],
    })
  }
  let found: Awaited<ReturnType<typeof findObject>>
  try {
    found = await findObject(kube, {apiVersion: 'v1', kind: 'Secret', namespace, name: secret})
  } catch (error) {
    if (isForbidden(error)) throw refuse('you may not read it')
    throw error
  }
  if (found === undefined) throw refuse('it does not exist')
  const value = (found.data as Record<string, string> | undefined)?.[key]
  if (value === undefined) throw refuse(`it has no key ${key}`)
  return Buffer.from(value, 'base64').toString()
}
