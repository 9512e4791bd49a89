import type {ClusterSettings, LocalSettings} from '../config/index.ts'
import type {Kube} from '../kube/index.ts'
import type {Report} from '../progress.ts'

export async function clusterSettings(_: {
  kube: Kube
  local: LocalSettings
  signal: AbortSignal
  report: Report
}): Promise<ClusterSettings> {
  return {domain: 'localhost', ingressClass: null, storageClass: null}
}
