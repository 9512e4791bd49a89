import type {AppRef, Deed} from '../anchor/index.ts'
import {findAnchor, formatRef, listDeeds, readAnchor, readAnchors} from '../anchor/index.ts'
import type {Kube} from '../kube/index.ts'
import {isForbidden} from '../kube/index.ts'
import type {Report} from '../progress.ts'

/** What was done to an app, by whom, and how it went. */
export interface LogEntry extends Omit<Deed, 'message' | 'package'> {
  /** `namespace/name` */
  app: string
  /** `postgres 1.0.0` */
  package: string | null
  message: string | null
}

export interface LogOptions {
  /** All namespaces without. */
  namespace?: string
  /** Only this app; it may be gone. */
  app?: AppRef
  /** Milliseconds since 1970. */
  since?: number
  signal: AbortSignal
  report: Report
}

/**
 * Operations on apps, the newest first: from the histories of those that are there, and from the Events of those that are gone, which the
 * cluster forgets after a while. Whoever may write Events can forge those.
 */
export async function operationLog(kube: Kube, options: LogOptions): Promise<LogEntry[]> {
  const {app, signal, report, since = 0} = options
  const namespace = app?.namespace ?? options.namespace
  const where = {signal, ...(namespace !== undefined && {namespace})}
  const [anchors, deeds] = await Promise.all([
    app === undefined ? readAnchors(kube, where, report) : findAnchor(kube, app, signal).then(found => found ?? []),
    listDeeds(kube, {...where, ...(app !== undefined && {app: app.name})}).catch(error => {
      if (!isForbidden(error)) throw error
      report({type: 'warning', message: `what was done to apps that are gone is not shown: ${error.message}`})
      return []
    }),
  ])
  const told = [...[anchors].flat().flatMap(({ref, history}) => history.map(deed => ({ref, deed}))), ...deeds].map(
    ({ref, deed: {package: pkg, message, ...deed}}): LogEntry => ({
      app: formatRef(ref),
      ...deed,
      package: pkg === undefined ? null : `${pkg.name} ${pkg.version}`,
      message: message ?? null,
    }),
  )
  const once = new Map(told.map(entry => [`${entry.app} ${entry.kind} ${entry.when}`, entry]))
  return [...once.values()]
    .filter(({when}) => Date.parse(when) >= since)
    .sort((a, b) => Date.parse(b.when) - Date.parse(a.when))
}

/** The same of one app. @throws UserError `app.not-found` where nothing is known of it */
export async function appHistory(kube: Kube, app: AppRef, options: Omit<LogOptions, 'app'>): Promise<LogEntry[]> {
  const entries = await operationLog(kube, {...options, app})
  if (entries.length === 0) await readAnchor(kube, app, options.signal)
  return entries
}
