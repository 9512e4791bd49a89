/** Kubernetes, as a set of functions that take a connection first. Knows nothing of berth. */

export {
  type Access,
  type AccessAnswer,
  type AccessRule,
  type AccessRules,
  canI,
  type Identity,
  rulesAllow,
  rulesIn,
  whoAmI,
} from './access.ts'
export {applyObject} from './apply.ts'
export {type ConnectOptions, connect} from './connect.ts'
export {deleteObject} from './delete.ts'
export {type EventSubject, eventsOf, type ObjectEvent} from './events.ts'
export {exec} from './exec.ts'
export {findObject, type GetOptions, getObject} from './get.ts'
export {listMetadata, listObjects, listTable} from './list.ts'
export {followLogs, type LogOptions, readLogs} from './logs.ts'
export {refOf} from './paths.ts'
export {readScale, type Scale, scaleObject} from './scale.ts'
export {
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isManagerConflict,
  isNotFound,
  isUnavailable,
  isUnknownKind,
} from './status.ts'
export type {StatusCause, StatusDetails} from './status-body.ts'
export type * from './types.ts'
export {type ServerVersion, serverVersion} from './version.ts'
export {type WatchOptions, watchObjects} from './watch.ts'
export {createObject, type JsonPatchOperation, jsonPatch, mergePatch, replaceObject} from './write.ts'
