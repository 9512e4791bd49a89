import type {AppRef} from '../anchor/index.ts'
import {readAnchor} from '../anchor/index.ts'
import {maskSecrets} from '../expr/index.ts'
import {type ManifestObject, renderShown} from '../package/index.ts'
import {type Rendering, renderDesired, scopeOf} from './desired.ts'
import {readBack} from './journaled.ts'
import {prepareChange} from './prepare.ts'
import type {ChangeRequest, Lib} from './types.ts'
import {refuseUnlessInstalled} from './update.ts'

/** The objects of an app, as berth applies them. */
export interface RenderedApp {
  package: string
  version: string
  app: AppRef
  objects: ShownObject[]
  notes: string | null
}

export interface ShownObject {
  /** Null for objects of the whole app. */
  component: string | null
  /** Of a task's Job: it is applied when the task runs. */
  task: string | null
  /** Secret values are words: `<secret password>`. */
  object: ManifestObject
}

/** What a rendering makes, without its secrets. @throws UserError `template.failed` */
export function showRendered(target: Rendering): RenderedApp {
  const {name: pkg, version} = target.pkg.manifest
  const objects = renderDesired(target).map(({object, component, task}) => ({
    component: component ?? null,
    task: task ?? null,
    object: maskSecrets(object) as ManifestObject,
  }))
  return {
    package: pkg,
    version,
    app: target.ref,
    objects,
    notes: renderShown(target.pkg, scopeOf(target)).notes ?? null,
  }
}

/** What an app is made of now. @throws UserError `app.not-found`, `app.unfinished`, `package.untrusted`, `app.corrupt` */
export async function renderApp(lib: Lib, ref: AppRef): Promise<RenderedApp> {
  const anchor = await readAnchor(lib.kube, ref, lib.signal)
  refuseUnlessInstalled(anchor)
  return showRendered((await readBack(lib, ref, anchor.current)).target)
}

/** What it would be made of after a change. @throws UserError as planning it */
export async function renderChanged(lib: Lib, request: ChangeRequest): Promise<RenderedApp> {
  const anchor = await readAnchor(lib.kube, request.ref, lib.signal)
  refuseUnlessInstalled(anchor)
  return showRendered((await prepareChange(lib, request, anchor)).target)
}
