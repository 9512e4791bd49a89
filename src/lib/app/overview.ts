import type {AnchorSummary, AppRef, Phase, RetainedData} from '../anchor/index.ts'
import {formatRef, label, listAnchors, listRetained, managedBy} from '../anchor/index.ts'
import type {KindRef, Kube, Table} from '../kube/index.ts'
import {isForbidden, isNotFound, listTable} from '../kube/index.ts'

/** One row of `app list`. */
export interface AppRow {
  namespace: string
  name: string
  package: string
  version: string
  appVersion: string | null
  /** `corrupt`: what its anchor says is not what berth wrote. */
  phase: Phase | 'corrupt'
  /** Pods that are ready and wanted, over all workloads; null where workloads may not be read. */
  ready: {now: number; wanted: number} | null
  /** What is being done to it right now. */
  operation: string | null
  /** Interfaces that it provides, by endpoint. */
  provides: Record<string, string>
  uses: string[]
  owner: string | null
  /** Where its package came from; null for a folder or file. */
  repository: string | null
  /** With `--outdated`: the newest version that the repository has. */
  newest?: string
  /** RFC 3339. */
  created: string
}

/** The kinds that an app's pods come from, by which it is ready or not. */
export const workloads: KindRef[] = [
  {apiVersion: 'apps/v1', kind: 'Deployment'},
  {apiVersion: 'apps/v1', kind: 'StatefulSet'},
  {apiVersion: 'apps/v1', kind: 'DaemonSet'},
]

export interface ListOptions {
  /** All namespaces without. */
  namespace?: string
  labelSelector?: string
  signal: AbortSignal
}

/**
 * Every app, with how many of its pods are ready: one request for the anchors' metadata and one server-side table per kind of workload,
 * in parallel, however many apps there are.
 */
export async function listApps(kube: Kube, options: ListOptions): Promise<AppRow[]> {
  const {namespace, signal} = options
  const where = {signal, cached: true, ...(namespace !== undefined && {namespace})}
  const [anchors, ...tables] = await Promise.all([
    listAnchors(kube, {...where, ...(options.labelSelector !== undefined && {labelSelector: options.labelSelector})}),
    ...workloads.map(kind => tableOrNothing(kube, kind, where)),
  ])
  const ready = readyByApp(tables)
  // Not by localeCompare: the first use of Node's collator costs 15 ms, and names are ASCII.
  return anchors.map(anchor => toRow(anchor, ready)).sort((a, b) => (formatRef(a) < formatRef(b) ? -1 : 1))
}

async function tableOrNothing(
  kube: Kube,
  kind: KindRef,
  where: {namespace?: string; cached: boolean; signal: AbortSignal},
): Promise<Table | undefined> {
  try {
    return await listTable(kube, kind, {...where, labelSelector: `${label.managedBy}=${managedBy}`})
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return undefined
    throw error
  }
}

/** Sums the READY column (`1/2`), or DESIRED and READY where a kind has those, per app. */
function readyByApp(tables: (Table | undefined)[]): Map<string, {now: number; wanted: number}> | undefined {
  if (tables.every(table => table === undefined)) return undefined
  const sums = new Map<string, {now: number; wanted: number}>()
  for (const table of tables) {
    if (table === undefined) continue
    const columns = table.columns.map(name => name.toLowerCase())
    const [readyAt, desiredAt] = [columns.indexOf('ready'), columns.indexOf('desired')]
    for (const {cells, metadata} of table.rows) {
      const app = metadata.labels?.[label.instance]
      if (app === undefined) continue
      const key = `${metadata.namespace}/${app}`
      const [now, wanted] = desiredAt >= 0 ? [cells[readyAt], cells[desiredAt]] : String(cells[readyAt]).split('/')
      const sum = sums.get(key) ?? {now: 0, wanted: 0}
      sums.set(key, {now: sum.now + Number(now), wanted: sum.wanted + Number(wanted)})
    }
  }
  return sums
}

function toRow(anchor: AnchorSummary, ready: Map<string, {now: number; wanted: number}> | undefined): AppRow {
  const {ref, operation} = anchor
  return {
    ...ref,
    package: anchor.package?.name ?? '',
    version: anchor.package?.version ?? '',
    appVersion: anchor.package?.appVersion ?? null,
    phase: anchor.phase,
    ready: ready === undefined ? null : (ready.get(formatRef(ref)) ?? {now: 0, wanted: 0}),
    operation:
      operation === undefined ? null : `${operation.kind}${operation.step === undefined ? '' : `: ${operation.step}`}`,
    provides: anchor.provides,
    uses: [...new Set(Object.values(anchor.bindings))],
    owner: anchor.owner ?? null,
    repository: anchor.package?.repository ?? null,
    created: anchor.created,
  }
}

/** Which apps a list shows, and in what order. */
export interface Choice {
  owner?: string
  status?: Status
  package?: string
  sort?: Order
}

export type Status = (typeof statuses)[number]
export type Order = (typeof orders)[number]

/** What `--status` takes: the phases, and `unhealthy` for what failed or has fewer ready pods than it shall have. */
export const statuses = ['running', 'stopped', 'changing', 'failed', 'unhealthy'] as const
export const orders = ['name', 'age', 'package', 'status'] as const

const isUnhealthy = ({phase, ready}: AppRow): boolean =>
  phase === 'failed' || phase === 'corrupt' || (phase === 'running' && ready !== null && ready.now < ready.wanted)

/** What needs a look comes first. */
const byNeed = ['corrupt', 'failed', 'changing', 'unhealthy', 'stopped', 'running']

const sortKeys: Record<Order, (row: AppRow) => string | number> = {
  name: formatRef,
  age: row => -Date.parse(row.created),
  package: row => `${row.package} ${row.version}`,
  status: row => byNeed.indexOf(row.phase === 'running' && isUnhealthy(row) ? 'unhealthy' : row.phase),
}

/** Of rows that are sorted by name. */
export function chooseApps(rows: AppRow[], {owner, status, package: name, sort = 'name'}: Choice): AppRow[] {
  const key = sortKeys[sort]
  return rows
    .filter(
      row =>
        (owner === undefined || row.owner === owner) &&
        (name === undefined || row.package === name) &&
        (status === undefined || (status === 'unhealthy' ? isUnhealthy(row) : row.phase === status)),
    )
    .sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}

/** Data that an uninstalled app left. */
export interface RetainedRow extends RetainedData {
  app: AppRef
}

export async function listRetainedData(kube: Kube, options: {namespace?: string}): Promise<RetainedRow[]> {
  return (await listRetained(kube, options)).map(({ref, data}) => ({app: ref, ...data}))
}
