import {binding} from './binding.ts'
import {cron} from './cron.ts'
import {duration} from './duration.ts'
import {file} from './file.ts'
import {hostname} from './hostname.ts'
import {image} from './image.ts'
import {key} from './key.ts'
import type {Kind} from './kind.ts'
import {namespace, node, storageClass} from './named.ts'
import {quantity} from './quantity.ts'
import {secret} from './secret.ts'
import {volume} from './volume.ts'

const all = [
  binding,
  cron,
  duration,
  file,
  hostname,
  image,
  key,
  namespace,
  node,
  quantity,
  secret,
  storageClass,
  volume,
]

/** Every kind there is. A new one is a module and a line here. */
export const kinds: ReadonlyMap<string, Kind> = new Map(all.map(kind => [kind.name, kind]))

/** What they are called. */
export const kindNames: readonly string[] = [...kinds.keys()]

/** An answer to try a package with, for a parameter of a kind. */
export function exampleOf(kind: string): unknown {
  return kinds.get(kind)?.example
}
