import {binding} from './binding.ts'
import {duration} from './duration.ts'
import {hostname} from './hostname.ts'
import type {Kind} from './kind.ts'
import {quantity} from './quantity.ts'
import {secret} from './secret.ts'
import {storageClass} from './storage-class.ts'
import {volume} from './volume.ts'

/** Every kind there is. A new one is a module and a line here. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [binding, duration, hostname, quantity, secret, storageClass, volume].map(kind => [kind.name, kind]),
)

/** The kind of a parameter; plain JSON Schema has none. */
export function kindOf(param: {kind?: string}): Kind | undefined {
  return kinds.get(param.kind ?? '')
}
