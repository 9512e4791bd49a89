/**
 * The one object that holds an app's state, and the lock on it. All of it changes in one compare-and-swap; all of it is read as
 * hostile input.
 */
export {boundService, changeOf, newAnchor} from './codec.ts'
export {appLocked, corruptAnchor, isCorrupt, isUnreadable} from './errors.ts'
export {type Actor, recordEvent, recordRevealed} from './event.ts'
export type {Holder, LockRequest} from './lock.ts'
export {deleteLease, isSilent, Lock} from './lock.ts'
export {deleteLogin, listLogins, loginPassword, writeLogin} from './logins.ts'
export type {AppRef} from './names.ts'
export {
  anchorName,
  annotation,
  applySetId,
  fieldManager,
  formatRef,
  grantedSecretName,
  isAppName,
  isLoginName,
  label,
  loginSecretName,
  managedBy,
  memberSecretName,
  packageSecretName,
  podsOf,
  restartManager,
  revisionSecretName,
  sameApp,
  scaleManager,
  serviceOf,
  serviceProvider,
  stateManager,
  stopManager,
} from './names.ts'
export type {RetainedData, RevisionSecrets} from './secrets.ts'
export {
  clearAway,
  deleteStateSecrets,
  keyedHash,
  listRetained,
  listRevisionSecrets,
  markRetained,
  newHashKey,
  readGranted,
  readPackageSecret,
  readRevisionSecret,
  writeGranted,
  writeOutputsSecret,
  writePackageSecret,
  writeRevisionSecret,
} from './secrets.ts'
export {
  type AnchorEvent,
  findAnchor,
  listAnchors,
  listDeeds,
  readAnchor,
  readAnchors,
  swapAnchor,
  watchAnchors,
} from './store.ts'
export type {
  Anchor,
  AnchorSummary,
  Autoscaler,
  Binding,
  Deed,
  Grant,
  Granted,
  Halt,
  HistoryEntry,
  HolderIdentity,
  Login,
  Member,
  OnDrift,
  Operation,
  OperationKind,
  PackageRef,
  Pending,
  PendingChange,
  PendingRemoval,
  PendingRun,
  Phase,
  ProvidedEndpoint,
  Revision,
  RunKind,
} from './types.ts'
