import {groupKind, workloadOf} from './kinds.ts'
import {labelsOf, selectorOf} from './labels.ts'
import {type Fields, fieldsAt, isFields, listAt, withField} from './objects.ts'
import {profiles} from './profiles.ts'
import type {Component, Manifest, ManifestObject, RenderScope} from './types.ts'

/** An object with what berth adds, and what it takes out. */
export interface Assembled {
  object: ManifestObject
  replicas: number | undefined
}

/**
 * Adds what every package would have to repeat: labels, selectors, default resources, spreading over nodes. What the template says
 * stays, but for selectors' two labels and `replicas`, which belongs to whoever scaled last.
 */
export function assemble(
  written: ManifestObject,
  componentName: string | undefined,
  manifest: Manifest,
  scope: RenderScope,
): Assembled {
  const {app} = scope
  const labels = labelsOf(manifest.name, app.name, componentName)
  const object = withField(written, ['metadata', 'labels'], own => ({...fieldsOf(own), ...labels}))
  const workload = workloadOf(object)
  // Pods that run to their end carry no component label: the component's Services would send them requests.
  const podLabels = labelsOf(manifest.name, app.name, workload?.selector ? componentName : undefined)
  const labelled =
    workload === undefined
      ? object
      : withField(object, [...workload.pod, 'metadata', 'labels'], own => ({...fieldsOf(own), ...podLabels}))
  if (componentName === undefined) return {object: labelled, replicas: undefined}
  const selector = selectorOf(app.name, componentName)
  if (workload === undefined) return {object: withSelector(object, selector), replicas: undefined}
  const component = manifest.components[componentName] ?? {after: []}
  let result = labelled
  if (workload.selector)
    result = withField(result, ['spec', 'selector', 'matchLabels'], own => ({...fieldsOf(own), ...selector}))
  result = withField(result, [...workload.pod, 'spec'], spec =>
    podSpec(fieldsOf(spec), component, selector, workload.selector),
  )
  if (!workload.replicas) return {object: result, replicas: undefined}
  const {replicas: own, ...spec} = fieldsAt(result, 'spec')
  const replicas = scope.scale[componentName] ?? component.scale?.default ?? (typeof own === 'number' ? own : 1)
  return {object: {...result, spec}, replicas}
}

/** Services, budgets and network policies of a component select its pods unless they say whom. */
function withSelector(object: ManifestObject, selector: Record<string, string>): ManifestObject {
  const at: Record<string, string[]> = {
    Service: ['spec', 'selector'],
    'PodDisruptionBudget.policy': ['spec', 'selector', 'matchLabels'],
    'NetworkPolicy.networking.k8s.io': ['spec', 'podSelector', 'matchLabels'],
  }
  const path = at[groupKind(object)]
  const [first = '', second = ''] = path ?? []
  if (
    path === undefined ||
    fieldsAt(object, first)[second] !== undefined ||
    fieldsAt(object, 'spec').type === 'ExternalName'
  )
    return object
  return withField(object, path, () => selector)
}

function podSpec(spec: Fields, component: Component, selector: Record<string, string>, spreads: boolean): Fields {
  const resources = component.profile === undefined ? undefined : profiles[component.profile]
  const several = spreads && (component.scale?.max ?? 1) > 1
  const spread =
    several && spec.topologySpreadConstraints === undefined && fieldsAt(spec, 'affinity').podAntiAffinity === undefined
  return {
    ...spec,
    ...(resources === undefined ? {} : containersWith(spec, resources)),
    ...(spread
      ? {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: {matchLabels: selector},
            },
          ],
        }
      : {}),
  }
}

function containersWith(spec: Fields, resources: Fields): Fields {
  const fill = (list: unknown[]) =>
    list.map(container =>
      isFields(container) && container.resources === undefined ? {...container, resources} : container,
    )
  return {
    ...(Array.isArray(spec.containers) ? {containers: fill(listAt(spec, 'containers'))} : {}),
    ...(Array.isArray(spec.initContainers) ? {initContainers: fill(listAt(spec, 'initContainers'))} : {}),
  }
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}
