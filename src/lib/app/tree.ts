import type {AppRef} from '../anchor/index.ts'
import {changeOf, formatRef, label, podsOf, readAnchor} from '../anchor/index.ts'
import type {KindRef, Kube, KubeObject} from '../kube/index.ts'
import {listObjects} from '../kube/index.ts'
import {podTemplateOf} from './desired.ts'
import {relations} from './inspect.ts'
import {judge, type LiveMember, readMembers, readPods} from './live.ts'
import {mountedBy, type PodSpec, readBy, type Source} from './pod-spec.ts'
import {type ProviderState, providerStates} from './provider-states.ts'
import {readiness, stateOf} from './ready.ts'

/** One thing that an app consists of, uses, or is used by, with what is below it. */
export interface TreeNode {
  /** `App`, `Component`, `Provider`, `User`, else the kind of the object: `Deployment`. */
  kind: string
  name: string
  /** Of all that is below, where it has no state of its own; null where that is not known. */
  ready: boolean | null
  /** `1 of 1 pods are ready`, `database: postgresql, running` */
  note: string
  children: TreeNode[]
}

const replicaSet: KindRef = {apiVersion: 'apps/v1', kind: 'ReplicaSet'}

/**
 * An app with its components, their workloads down to pods and what these read, its other objects, and whom it uses and who uses it.
 * @throws UserError `app.not-found`, `app.corrupt`
 */
export async function appTree(kube: Kube, ref: AppRef, signal: AbortSignal): Promise<TreeNode> {
  const anchor = await readAnchor(kube, ref, signal)
  const revision = anchor.current ?? changeOf(anchor)?.target
  const [members, pods, sets, states] = await Promise.all([
    readMembers(kube, ref, revision?.inventory ?? [], signal),
    readPods(kube, ref, signal),
    listObjects(kube, replicaSet, {namespace: ref.namespace, labelSelector: podsOf(ref.name), signal}),
    providerStates(kube, ref, revision?.bindings ?? {}, signal),
  ])
  const branch = branches(members, [...sets.items.filter(wanted), ...pods])
  const used = new Set(
    members.flatMap(({live}) => (typeof live === 'string' ? [] : sourcesOf(podSpecOf(live)).map(keyOf))),
  )
  const shown = members.filter(({member}) => !used.has(keyOf(member)))
  const byComponent = Map.groupBy(shown, ({live}) =>
    typeof live === 'string' ? undefined : live.metadata.labels?.[label.component],
  )
  const {uses, users} = relations(anchor)
  return over(
    'App',
    formatRef(ref),
    `${anchor.package?.name ?? ''} ${anchor.package?.version ?? ''}, ${anchor.phase}`,
    [
      ...[...byComponent].flatMap(([component, of]) =>
        component === undefined ? [] : [over('Component', component, '', of.map(branch))],
      ),
      ...(byComponent.get(undefined) ?? []).map(branch),
      ...uses.map(({parameter, interface: kind, provider}) => {
        const state = states.get(parameter) ?? 'unknown'
        return {
          kind: 'Provider',
          name: provider,
          ready: isWell(state),
          note: `${parameter}: ${kind}, ${state}`,
          children: [],
        }
      }),
      ...users.map(({app, parameter, interface: kind}) => ({
        kind: 'User',
        name: app,
        ready: null,
        note: `${parameter}: ${kind}`,
        children: [],
      })),
    ],
  )
}

/** ReplicaSets of earlier templates are kept empty, for going back. */
const wanted = ({spec, status}: KubeObject): boolean =>
  (spec as {replicas?: number}).replicas !== 0 || ((status ?? {}) as {replicas?: number}).replicas !== 0

const isWell = (state: ProviderState): boolean | null =>
  state === 'unknown' ? null : state === 'running' || state === 'registered' || state === 'given'

/** As ready as what is below it: one that is not is enough. */
function over(kind: string, name: string, note: string, children: TreeNode[]): TreeNode {
  const all = children.map(({ready}) => ready)
  return {kind, name, ready: all.includes(false) ? false : all.includes(true) ? true : null, note, children}
}

const keyOf = ({kind, name}: Source): string => `${kind}/${name}`

/** How a member is drawn: with what its controller made of it, and what its pods read. */
function branches(members: LiveMember[], made: KubeObject[]): (member: LiveMember) => TreeNode {
  const states = new Map(members.map(each => [keyOf(each.member), judge(each.live)]))
  const sources = (spec: PodSpec): TreeNode[] =>
    sourcesOf(spec).map(source => {
      const {ready = null, message = ''} = states.get(keyOf(source)) ?? {}
      return {...source, ready, note: message, children: []}
    })
  const below = (owner: KubeObject, known: Source[]): TreeNode[] =>
    made
      .filter(({metadata}) =>
        metadata.ownerReferences?.some(({uid, controller}) => controller && uid === owner.metadata.uid),
      )
      .map((object): TreeNode => {
        const {kind, metadata} = object
        const {name} = metadata
        if (kind === 'ReplicaSet') return over(kind, name, '', below(object, known))
        const {nodeName = 'no node'} = (object.spec ?? {}) as PodSpec
        // A StatefulSet gives each pod claims of its own.
        const own = sources((object.spec ?? {}) as PodSpec).filter(
          source => !known.some(each => keyOf(each) === keyOf(source)),
        )
        return {kind, name, ready: readiness(object).ready, note: `${stateOf(object)} on ${nodeName}`, children: own}
      })
  return ({member: {kind, name}, live}) => {
    const {ready, message: note} = judge(live)
    if (typeof live === 'string') return {kind, name, ready, note, children: []}
    const read = sources(podSpecOf(live))
    return {kind, name, ready, note, children: [...below(live, read), ...read]}
  }
}

const podSpecOf = (object: KubeObject): PodSpec => podTemplateOf(object)?.spec ?? {}

/** Each once, whatever of it is read. */
const sourcesOf = (spec: PodSpec): Source[] => [
  ...new Map([...mountedBy(spec), ...readBy(spec)].map(({kind, name}) => [keyOf({kind, name}), {kind, name}])).values(),
]
