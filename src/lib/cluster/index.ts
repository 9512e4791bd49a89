/** The cluster as a whole: what is set for it, and whether it suits berth. */
export {clusterSettings} from './settings.ts'
export {clusterStatus} from './status.ts'
export type {Asking, Check, ClusterStatus} from './types.ts'
