import {annotation, restartManager} from '../anchor/index.ts'
import {applyObject, type KubeObject} from '../kube/index.ts'
import {podTemplateOf} from './desired.ts'
import {isStopped, noComponents} from './errors.ts'
import {findWorkloads, withFields} from './halt.ts'
import {kindKey} from './identity.ts'
import {shown} from './plan.ts'
import type {Prepared, Run} from './run.ts'
import {step} from './step.ts'
import {levelsOf, readManifest, titleOf} from './stop.ts'
import type {RunOptions, Verb} from './types.ts'

const rolling = ['Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps']

/**
 * Has the pods of an app made anew, a few at a time, by a mark on their template. The mark has a manager of its own, so it is no drift, the
 * next change of the app leaves it, and nothing is restarted twice.
 */
export const restartRun = (
  {wait, timeout}: Pick<RunOptions, 'wait' | 'timeout'>,
  components: string[] | undefined,
  told: Verb = 'restart',
): Run => ({
  kind: 'restart',
  told,
  over: ['restart'],
  ...(components !== undefined && {components}),
  async prepare(lib, anchor): Promise<Prepared> {
    const {ref, desired} = anchor
    if (desired === 'stopped') throw isStopped(ref, 'restart')
    const manifest = await readManifest(lib, anchor)
    const known = Object.keys(manifest.components)
    const unknown = components?.find(name => !known.includes(name))
    if (unknown !== undefined) throw noComponents(ref, unknown, known)
    const found = (await findWorkloads(lib, anchor, {})).filter(
      ({member, component}) => rolling.includes(kindKey(member)) && (components?.includes(component ?? '') ?? true),
    )
    return {
      steps: found.map(({member, component}) => ({
        do: 'restart',
        object: shown(member),
        ...(component !== undefined && {component}),
        reversal: 'reversible',
      })),
      changes: found.length > 0,
      warnings: [],
      begin: before => before,
      end: before => before,
      async work(lock, observer) {
        for (const level of levelsOf(found, manifest)) {
          const [name, title] = titleOf('restart', level)
          await step(lib, lock, name, title, async () => {
            const {pending} = lock.anchor
            const annotations = {[annotation.restarted]: pending?.kind === 'restart' ? pending.at : ''}
            const fields = {spec: {template: {metadata: {annotations}}}}
            const isMarked = (object: KubeObject) =>
              podTemplateOf(object)?.metadata?.annotations?.[annotation.restarted] === annotations[annotation.restarted]
            for (const {member, live} of level) {
              lock.assertHeld()
              const marked = withFields(member, fields, {uid: live.metadata.uid ?? ''})
              await applyObject(lib.kube, marked, {fieldManager: restartManager(ref), force: true})
            }
            if (!wait) return
            await observer.untilReady(
              level.map(({id, member}) => ({id, kind: member, changed: isMarked})),
              {
                timeout,
                failFast: {components: level.map(({component}) => component)},
                onWaiting: on => lib.report({type: 'step-waiting', step: name, on}),
              },
            )
          })
        }
      },
    }
  },
})
