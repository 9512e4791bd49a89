import type {Anchor, AppRef} from '../anchor/index.ts'
import {readAnchors} from '../anchor/index.ts'
import {BerthError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import type {Report} from '../progress.ts'
import {scriptFailed} from './errors.ts'
import {consumerId} from './grants.ts'
import {runScript} from './script.ts'

/** Interfaces whose providers hold databases. */
const engines = ['postgresql', 'mysql', 'redis']

/** One database of a server, whoever made it. */
export interface DatabaseRow {
  provider: AppRef
  interface: string
  name: string
  /** Who may log in to it as its owner. */
  users: string[]
  /** Null where the server does not tell. */
  bytes: number | null
  /** The app that berth made it for; null where others made it. */
  consumer: (AppRef & {parameter: string}) | null
}

/** Every database of every provider, asked by its package's own script. A provider that does not answer is told, and left out. */
export async function listDatabases(
  kube: Kube,
  where: {namespace?: string; signal: AbortSignal},
  report: Report,
): Promise<DatabaseRow[]> {
  const anchors = await readAnchors(kube, where, report)
  const asked = anchors.flatMap(anchor =>
    Object.entries(anchor.current?.provides ?? {})
      .filter(([, {interface: kind, grant}]) => engines.includes(kind) && grant)
      .map(([endpoint, {interface: kind}]) => ask(kube, anchor, endpoint, kind, where.signal)),
  )
  const answers = await Promise.allSettled(asked)
  return answers.flatMap(answer => {
    if (answer.status === 'fulfilled') return answer.value
    if (!(answer.reason instanceof BerthError)) throw answer.reason
    report({type: 'warning', message: answer.reason.message})
    return []
  })
}

async function ask(
  kube: Kube,
  anchor: Anchor,
  endpoint: string,
  kind: string,
  signal: AbortSignal,
): Promise<DatabaseRow[]> {
  const {items} = await runScript(kube, anchor, endpoint, 'list', {}, signal)
  if (!Array.isArray(items) || !items.every(isItem))
    throw scriptFailed(anchor.ref, 'list', 'it did not print {"items": [{"name", "users", "bytes"}]}', '')
  const made = new Map(Object.values(anchor.grants).map(grant => [consumerId(grant), grant]))
  return items.map(({name, users, bytes}) => {
    const grant = made.get(name)
    const consumer = grant === undefined ? null : {...grant.consumer, parameter: grant.parameter}
    return {provider: anchor.ref, interface: kind, name, users, bytes: bytes ?? null, consumer}
  })
}

interface Item {
  name: string
  users: string[]
  bytes?: number
}

function isItem(value: unknown): value is Item {
  const {name, users, bytes = 0} = (value ?? {}) as Record<string, unknown>
  const named = Array.isArray(users) && users.every(user => typeof user === 'string')
  return typeof name === 'string' && named && typeof bytes === 'number'
}
