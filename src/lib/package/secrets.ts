import {hasSecret, holdsSecret, type Position, revealSecrets, secretsIn} from '../expr/index.ts'
import {templateFailed} from './errors.ts'
import {describeObject, type Fields, fieldsAt, isFields} from './objects.ts'
import type {ManifestObject} from './types.ts'

/**
 * A Secret as it is sent: tokens replaced by their values, `stringData` turned into base64 `data` (keys dropped from `stringData` would
 * never leave an applied Secret). Other objects come back as they are: rendering has made sure that no token is in them.
 * @param lookup the value of a secret by its name in the revision's Secret; may throw
 */
export function revealSecret(object: ManifestObject, lookup: (name: string) => string): ManifestObject {
  if (!isSecret(object)) return object
  const {stringData: _, ...rest} = object
  const data = mapStrings(fieldsAt(object, 'data'), text => revealSecrets(text, lookup))
  const texts = mapStrings(fieldsAt(object, 'stringData'), text =>
    Buffer.from(revealSecrets(text, lookup)).toString('base64'),
  )
  return {...rest, data: {...data, ...texts}}
}

/** @throws ExpressionError naming the field where a secret is that does not belong there */
export function refuseStraySecrets(object: ManifestObject, position: Position): void {
  const checked: Fields = isSecret(object)
    ? {...object, data: keysOf(object.data), stringData: keysOf(object.stringData)}
    : object
  if (!holdsSecret(checked)) return
  const [stray] = secretsIn(checked)
  if (stray === undefined) return
  throw templateFailed(
    position,
    'secret',
    `the secret ${stray.names.join(', ')} would be readable in ${stray.path.join('.')} of ${describeObject(object)}`,
    'put it into stringData of a Secret, and refer to that: valueFrom: {secretKeyRef: ${params.password.ref}}',
  )
}

function isSecret({apiVersion, kind}: ManifestObject): boolean {
  return apiVersion === 'v1' && kind === 'Secret'
}

/** The keys alone, where values may be secrets. */
function keysOf(value: unknown): unknown {
  return isFields(value) ? Object.keys(value).filter(hasSecret) : value
}

function mapStrings(fields: Fields, change: (text: string) => string): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? change(value) : value]),
  )
}
