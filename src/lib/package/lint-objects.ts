import {finding} from './errors.ts'
import {groupKind, hasFixedName, workloadOf} from './kinds.ts'
import {describeObject, type Fields, fieldsAt, isFields, listAt} from './objects.ts'
import type {Finding, Package, RenderedObject, RenderScope} from './types.ts'

/** What experience says about rendered objects: each a warning, but for what breaks an upgrade or a second installation. */
export function lintObjects({manifest}: Package, objects: readonly RenderedObject[], {app}: RenderScope): Finding[] {
  const images = new Set(Object.values(manifest.images))
  return objects.flatMap(rendered => [
    ...lintName(rendered, app.name),
    ...lintSelector(rendered),
    ...lintWorkload(rendered, images),
  ])
}

function lintName({object, position}: RenderedObject, app: string): Finding[] {
  if (hasFixedName(object) || object.metadata.name.includes(app)) return []
  const message = `${describeObject(object)} has the same name in every installation: a second one in the namespace would collide`
  return [finding('error', 'fixed-name', position, message, 'name: "${app.name}-…"')]
}

function lintSelector({object, position}: RenderedObject): Finding[] {
  const {matchLabels: labels = {}} = fieldsAt(object, 'spec', 'selector')
  const changing = Object.keys(isFields(labels) ? labels : {}).filter(label =>
    /(^|\/)(version|chart|revision|date|checksum)$/.test(label),
  )
  const claims = listAt(object, 'spec', 'volumeClaimTemplates').flatMap(claim =>
    Object.keys(fieldsAt(claim, 'metadata', 'labels')).filter(label => label.endsWith('/version')),
  )
  return [...changing, ...claims].map(label =>
    finding(
      'error',
      'version-in-selector',
      position,
      `${describeObject(object)} selects by ${label}, which changes: selectors and claim templates cannot`,
      'leave the selector out: berth makes it',
    ),
  )
}

function lintWorkload({object, position, component, task}: RenderedObject, images: ReadonlySet<string>): Finding[] {
  const workload = workloadOf(object)
  if (workload === undefined) return []
  const name = describeObject(object)
  const warn = (rule: string, message: string, fix: string) =>
    finding('warning', rule, position, `${name}${message}`, fix)
  const found: Finding[] = []
  if (component === undefined && task === undefined) {
    found.push(
      finding(
        'error',
        'component',
        position,
        `${name} belongs to no component: it gets no labels, no selector, and cannot be scaled or stopped`,
        '$component: <name>, or $task: <name> for a Job of a task',
      ),
    )
  }
  const pod = fieldsAt(object, ...workload.pod, 'spec')
  for (const container of [...listAt(pod, 'initContainers'), ...listAt(pod, 'containers')].filter(isFields)) {
    const label = `, container ${String(container.name)},`
    const {image} = container
    if (typeof image === 'string' && !images.has(image))
      found.push(
        warn(
          'image',
          `${label} has an image that is not in images: ${image}`,
          'add it to images in package.yaml and write ${images.name}: mirrors and updates look there',
        ),
      )
    if (typeof image === 'string' && /(^[^:@]*|:latest)$/.test(image.slice(image.lastIndexOf('/') + 1)))
      found.push(warn('image-tag', `${label} has an image without a fixed version: ${image}`, 'name a version'))
    if (container.resources === undefined)
      found.push(
        warn(
          'resources',
          `${label} says no resources, and its component no profile`,
          'profile: small in the component, or resources here',
        ),
      )
    if (!isHardened(pod, container))
      found.push(
        warn(
          'security-context',
          `${label} may run as root or gain privileges`,
          'securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}',
        ),
      )
  }
  if (workload.selector) {
    const unprobed = listAt(pod, 'containers')
      .filter(isFields)
      .filter(({readinessProbe}) => readinessProbe === undefined)
    for (const {name: container} of unprobed)
      found.push(
        warn(
          'probes',
          `, container ${String(container)}, has no readinessProbe: it counts as ready as soon as it runs`,
          'readinessProbe: {httpGet: {path: /, port: 8080}}',
        ),
      )
  }
  if (groupKind(object) === 'Job.batch' && fieldsAt(object, 'spec').ttlSecondsAfterFinished !== undefined) {
    found.push(
      warn(
        'job-ttl',
        ' deletes itself, before its end may have been seen',
        'remove ttlSecondsAfterFinished: berth deletes it',
      ),
    )
  }
  return found
}

/** By the pod or the container; root is taken as meant where it is said outright. */
function isHardened(pod: Fields, container: Fields): boolean {
  const context = {...fieldsAt(pod, 'securityContext'), ...fieldsAt(container, 'securityContext')}
  if (context.runAsNonRoot === false || context.runAsUser === 0) return true
  return (
    (context.runAsNonRoot === true || typeof context.runAsUser === 'number') &&
    context.allowPrivilegeEscalation === false
  )
}
