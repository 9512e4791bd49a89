/** Kubernetes, as a set of functions that take a connection first. Knows nothing of berth. */

export {orAborted, sleep} from './abort.ts'
export {
  type Access,
  type AccessAnswer,
  type AccessRule,
  type AccessRules,
  canI,
  type Identity,
  missingIn,
  rulesAllow,
  rulesIn,
  whoAmI,
} from './access.ts'
export {type ConnectOptions, connect} from './connect.ts'
export {type EventSubject, eventsOf, type ObjectEvent} from './events.ts'
export {exec} from './exec.ts'
export {listMetadata, listObjects, listTable} from './list.ts'
export {type LogOptions, readLogs, streamLogs} from './logs.ts'
export {refOf} from './paths.ts'
export {grantCommands, shellWord, subjectOf, withGroup} from './permission.ts'
export {forwardConnection} from './port-forward.ts'
export {findObject, getObject, type ServerVersion, serverVersion} from './read.ts'
export {inShortPod} from './short-pod.ts'
export {
  ifAllowed,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isManagerConflict,
  isNotFound,
  isUnavailable,
  isUnknownKind,
} from './status.ts'
export type * from './types.ts'
export {type WatchOptions, watchObjects} from './watch.ts'
export {
  applyObject,
  createObject,
  deleteObject,
  type JsonPatchOperation,
  jsonPatch,
  mergePatch,
  readScale,
  replaceObject,
  type Scale,
  scaleObject,
} from './write.ts'
