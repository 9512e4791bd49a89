/**
 * What this machine says: the operator's configuration file, and where berth keeps its own files. Knows no cluster and no package.
 */
export {configInvalid} from './errors.ts'
export {isRepositoryName} from './names.ts'
export {readClusterSettings, readSettings} from './read.ts'
export type {ClusterSettings, LocalConfig, LocalPaths, LocalSettings, Repository} from './types.ts'
export {addRepository, removeRepository, writeAtomically} from './write.ts'
