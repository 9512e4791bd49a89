/** The engine: what an app is in the cluster, and every operation that changes it. */

export {checkAnswers, describeForm, type Form, fieldsFor, type Surroundings} from './answers.ts'
export {renderDesired, type Target} from './desired.ts'
export {type AppShow, type AppStatus, appStatus, findApp, showApp} from './inspect.ts'
export {install, planInstall} from './install.ts'
export {type AppRow, listApps, listRetainedData, type RetainedRow} from './overview.ts'
export {hasRetained, planPurge, purge} from './purge.ts'
export {type Recovered, recover} from './recover.ts'
export {planUninstall, uninstall} from './removal.ts'
export {type AbortOptions, abort, planAbort, planResume, type ResumeOptions, resume} from './resume.ts'
export type {
  Check,
  DesiredObject,
  FieldChange,
  InstallOptions,
  InstallRequest,
  Lib,
  Outcome,
  Plan,
  Step,
  UninstallOptions,
} from './types.ts'
