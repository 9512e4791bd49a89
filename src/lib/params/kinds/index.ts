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

/** An answer to try a package with, for a parameter of a kind. */
export function exampleOf(kind: string): unknown {
  return kinds.get(kind)?.example
}
