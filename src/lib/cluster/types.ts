import type {ClusterSettings, LocalSettings} from '../config/index.ts'
import type {Kube} from '../kube/index.ts'
import type {Report} from '../progress.ts'

/** What asking a cluster takes. */
export interface Asking {
  kube: Kube
  settings: LocalSettings
  signal: AbortSignal
  report: Report
}

/** One thing looked at. */
export interface Check {
  /** Stable: `permissions`, `storage-class`, … */
  name: string
  /** `unverified`: not allowed to look, so nothing is known. */
  status: 'ok' | 'warning' | 'failed' | 'unverified'
  message: string
  /** What to do, as commands to paste where there is one. */
  remedy: string[]
}

/** How a cluster suits berth, for one namespace. */
export interface ClusterStatus {
  context: string | null
  server: string
  /** `v1.34.4` */
  kubernetes: string
  /** Whom the server takes us for; null where it does not say. */
  user: string | null
  namespace: string
  /** What is in force. */
  settings: ClusterSettings
  /** The worst of the checks. */
  status: 'ok' | 'warning' | 'failed'
  checks: Check[]
}
