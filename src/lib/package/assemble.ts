import {groupKind, workloadOf} from './kinds.ts'
import type {Component, Manifest} from './manifest-schema.ts'
import {type Fields, fieldsAt, isFields, listAt, withField} from './objects.ts'
import type {ManifestObject, RenderScope} from './types.ts'

/** What selects the pods of a component: constant for the life of an app, so no version and no package name. */
export function selectorOf(app: string, component: string): Record<string, string> {
  return {'app.kubernetes.io/component': component, 'app.kubernetes.io/instance': app}
}

/** Resources of containers that say none. Memory is limited, as a leak hurts the neighbours; the processor is not, as idle time is free. */
const profiles: Record<NonNullable<Component['profile']>, Record<string, Record<string, string>>> = {
  small: {requests: {cpu: '50m', memory: '128Mi'}, limits: {memory: '256Mi'}},
  medium: {requests: {cpu: '250m', memory: '512Mi'}, limits: {memory: '1Gi'}},
  large: {requests: {cpu: '1', memory: '2Gi'}, limits: {memory: '4Gi'}},
}

/** Where objects that point at pods say at which; those of a component point at its pods unless they say otherwise. */
const selectors: Readonly<Record<string, readonly [string, string, string?]>> = {
  Service: ['spec', 'selector'],
  'PodDisruptionBudget.policy': ['spec', 'selector', 'matchLabels'],
  'NetworkPolicy.networking.k8s.io': ['spec', 'podSelector', 'matchLabels'],
}

/**
 * Adds what every package would have to repeat: labels, selectors, default resources, spreading over nodes. What the template says
 * stays, but for selectors' two labels and `replicas`, which is taken out: it belongs to whoever scaled last.
 */
export function assemble(
  written: ManifestObject,
  name: string | undefined,
  {name: packageName, components}: Manifest,
  {app, scale}: RenderScope,
): {object: ManifestObject; replicas: number | undefined} {
  const labels = {
    'app.kubernetes.io/name': packageName,
    'app.kubernetes.io/instance': app.name,
    'app.kubernetes.io/managed-by': 'berth',
  }
  const own = name === undefined ? {} : {'app.kubernetes.io/component': name}
  let object = withFields(written, ['metadata', 'labels'], {...labels, ...own})
  const workload = workloadOf(object)
  const selector = name === undefined ? undefined : selectorOf(app.name, name)
  if (workload === undefined)
    return {object: selector === undefined ? object : withSelector(object, selector), replicas: undefined}
  // Pods that run to their end carry no component label: the component's Services would send them requests.
  object = withFields(object, [...workload.pod, 'metadata', 'labels'], {...labels, ...(workload.selector ? own : {})})
  if (name === undefined || selector === undefined) return {object, replicas: undefined}
  const component = components[name] ?? {after: []}
  if (workload.selector) object = withFields(object, ['spec', 'selector', 'matchLabels'], selector)
  const spread = workload.selector && (component.scale?.max ?? 1) > 1
  object = withField(object, [...workload.pod, 'spec'], spec => podSpec(spec, component, spread ? selector : undefined))
  if (!workload.replicas) return {object, replicas: undefined}
  const {replicas, ...spec} = fieldsAt(object, 'spec')
  const said = typeof replicas === 'number' ? replicas : 1
  return {object: {...object, spec}, replicas: scale[name] ?? component.scale?.default ?? said}
}

function withSelector(object: ManifestObject, selector: Record<string, string>): ManifestObject {
  const path = selectors[groupKind(object)]
  if (path === undefined || fieldsAt(object, path[0])[path[1]] !== undefined) return object
  if (fieldsAt(object, 'spec').type === 'ExternalName') return object
  return withFields(
    object,
    path.filter(step => step !== undefined),
    selector,
  )
}

/** @param spread the selector of pods that shall not all be on one node */
function podSpec(written: unknown, {profile}: Component, spread: Record<string, string> | undefined): Fields {
  const spec = isFields(written) ? {...written} : {}
  const resources = profile === undefined ? undefined : profiles[profile]
  for (const field of ['containers', 'initContainers'])
    if (resources !== undefined && Array.isArray(spec[field]))
      spec[field] = listAt(spec, field).map(container =>
        isFields(container) && container.resources === undefined ? {...container, resources} : container,
      )
  const placed = spec.topologySpreadConstraints ?? fieldsAt(spec, 'affinity').podAntiAffinity
  if (spread === undefined || placed !== undefined) return spec
  const soft = {maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway'}
  // Of each template by itself: else a rolling change counts those that go, and ends with all that came on one node.
  const each = {labelSelector: {matchLabels: spread}, matchLabelKeys: ['pod-template-hash']}
  return {...spec, topologySpreadConstraints: [{...soft, ...each}]}
}

/** The map at a path with more fields. */
function withFields(object: ManifestObject, path: readonly string[], more: Fields): ManifestObject {
  return withField(object, path, own => ({...(isFields(own) ? own : {}), ...more}))
}
