import {randomBytes, randomInt, randomUUID} from 'node:crypto'
import type {GenerateSpec} from './types.ts'

const alphanumeric = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A new secret. Characters are drawn without bias; 24 alphanumeric ones, the default, are worth 142 bits. */
export function generateSecret(spec: GenerateSpec): string {
  if ('uuid' in spec) return randomUUID()
  if ('bytes' in spec) return `${spec.prefix ?? ''}${randomBytes(spec.bytes).toString(spec.encoding)}`
  const alphabet = [...(spec.alphabet ?? alphanumeric)]
  return Array.from({length: spec.length}, () => alphabet[randomInt(alphabet.length)]).join('')
}
