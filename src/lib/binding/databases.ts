import type {Anchor, AppRef} from '../anchor/index.ts'
import {readAnchors} from '../anchor/index.ts'
import {BerthError} from '../errors.ts'
import type {Kube} from '../kube/index.ts'
import type {Report} from '../progress.ts'
import {scriptFailed} from './errors.ts'
import {idAt} from './grants.ts'
import {runScript} from './script.ts'

/** Interfaces whose providers hold databases. */
const engines = ['postgresql', 'mysql', 'redis']

/** One database of a server, whoever made it. */
export interface DatabaseRow {
  provider: AppRef
  interface: string
  name: string
  /** Who may log in to it. */
  users: string[]
  /** Null where the server does not tell. */
  bytes: number | null
  /** The app that berth made it for; null where others made it. */
  consumer: (AppRef & {parameter: string}) | null
}

/** Which providers are looked at: all of a namespace, or of all, or the one of this name. */
export interface ListOptions {
  namespace?: string
  name?: string
  signal: AbortSignal
  report: Report
}

/** Every database of every provider, asked by its package's own script. */
export const listDatabases = (kube: Kube, where: ListOptions): Promise<DatabaseRow[]> =>
  eachProvider(
    kube,
    where,
    async (anchor, endpoint, kind) => (await askDatabases(kube, anchor, endpoint, kind, where.signal)).databases,
  )

/** The endpoints of an app that hold databases, with what they speak. */
export const databaseEndpoints = ({current}: Anchor): [endpoint: string, kind: string][] =>
  Object.entries(current?.provides ?? {}).flatMap(([endpoint, {interface: kind, grant}]) =>
    engines.includes(kind) && grant ? [[endpoint, kind]] : [],
  )

/** Asks every provider. One that does not answer is told, and left out. */
export async function eachProvider<T>(
  kube: Kube,
  {name, report, ...where}: ListOptions,
  ask: (anchor: Anchor, endpoint: string, kind: string) => Promise<T[]>,
): Promise<T[]> {
  const anchors = await readAnchors(kube, where, report)
  const asked = anchors
    .filter(({ref}) => name === undefined || ref.name === name)
    .flatMap(anchor => databaseEndpoints(anchor).map(([endpoint, kind]) => ask(anchor, endpoint, kind)))
  const answers = await Promise.allSettled(asked)
  return answers.flatMap(answer => {
    if (answer.status === 'fulfilled') return answer.value
    if (!(answer.reason instanceof BerthError)) throw answer.reason
    report({type: 'warning', message: answer.reason.message})
    return []
  })
}

/** The databases of one endpoint, and every name of a login that its server has, whatever it may do. */
export async function askDatabases(
  kube: Kube,
  anchor: Anchor,
  endpoint: string,
  kind: string,
  signal: AbortSignal,
): Promise<{databases: DatabaseRow[]; logins: string[]}> {
  const {items, logins = []} = await runScript(kube, anchor, endpoint, 'list', {}, signal)
  if (!Array.isArray(items) || !items.every(isItem) || !isTexts(logins))
    throw scriptFailed(
      anchor.ref,
      'list',
      'it did not print {"items": [{"name", "users", "bytes"}], "logins": […]}',
      '',
    )
  const made = new Map(Object.values(anchor.grants).map(grant => [idAt(anchor, grant), grant]))
  const databases = items.map(({name, users, bytes}) => {
    const grant = made.get(name)
    const consumer = grant === undefined ? null : {...grant.consumer, parameter: grant.parameter}
    return {provider: anchor.ref, interface: kind, name, users, bytes: bytes ?? null, consumer}
  })
  return {databases, logins}
}

interface Item {
  name: string
  users: string[]
  bytes?: number
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(each => typeof each === 'string')

function isItem(value: unknown): value is Item {
  const {name, users, bytes = 0} = (value ?? {}) as Record<string, unknown>
  return typeof name === 'string' && isTexts(users) && typeof bytes === 'number'
}
