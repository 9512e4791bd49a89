/** The engine: what an app is in the cluster, and every operation that changes it. */

export {type AbortOptions, abort, planAbort} from './abort.ts'
export {checkAnswers, describeForm, type Form, fieldsFor, newProvider, type Surroundings} from './answers.ts'
export {type Connected, connectEndpoint} from './connect.ts'
export type {Rendering} from './desired.ts'
export {diffObjects} from './diff.ts'
export {type EndpointUrl, endpointUrl} from './endpoints.ts'
export {insistOn, planChanged} from './errors.ts'
export {type Foreseen, foresee, usedBy} from './foresee.ts'
export {type AppShow, findApp, showApp} from './inspect.ts'
export {install, planInstall} from './install.ts'
export {appHistory, type LogEntry, operationLog} from './log.ts'
export {parseMetric} from './metric.ts'
export {
  type AppRow,
  chooseApps,
  listApps,
  listRetainedData,
  type Order,
  orders,
  type RetainedRow,
  type Status,
  statuses,
  workloads,
} from './overview.ts'
export {type Patches, readPatches} from './patches.ts'
export {hashOfPlans} from './plan.ts'
export {hasRetained, planPurge, purge} from './purge.ts'
export {readiness} from './ready.ts'
export {type Recovered, recover} from './recover.ts'
export {type IgnoreChange, refreshRequest} from './refresh.ts'
export {type RenderedApp, renderApp, renderChanged, showRendered} from './rendered.ts'
export {renewRequest} from './renew.ts'
export {restartRun} from './restart.ts'
export {planResume, type ResumeOptions, resume} from './resume.ts'
export {rotationOf} from './rotate.ts'
export {carryOutRun, planRun, type Run} from './run.ts'
export {boundsOf, readScales, type ScaleRow} from './scaling.ts'
export {
  type AppOutput,
  appOutputs,
  getSecret,
  listSecrets,
  revealMade,
  type SecretRow,
  type ShownSecret,
} from './shown-secrets.ts'
export {startApp} from './start.ts'
export {type AppStatus, appStatus} from './status.ts'
export {inTheNameOf} from './step.ts'
export {startRun, stopRun} from './stop.ts'
export {takeSuggested} from './suggest.ts'
export {appTree, type TreeNode} from './tree.ts'
export type {
  Agree,
  ChangeOptions,
  ChangeRequest,
  Check,
  DesiredObject,
  FieldChange,
  InstallOptions,
  InstallRequest,
  Lib,
  Outcome,
  Plan,
  RunOptions,
  Step,
  UninstallOptions,
  Verb,
} from './types.ts'
export {planUninstall, uninstall} from './uninstall.ts'
export {type Present, planUpdate, readPresent, refuseLocked, update} from './update.ts'
export {type Along, consumersOf, levelsOfApps, type Ordered} from './users.ts'
export {watchStatus} from './watch-status.ts'
