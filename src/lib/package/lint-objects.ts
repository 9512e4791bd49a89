import {type Finding, finding} from '../yaml/index.ts'
import {groupKind, hasFixedName, workloadOf} from './kinds.ts'
import {locateField} from './locate.ts'
import {describeObject, type Fields, fieldsAt, isFields, listAt} from './objects.ts'
import type {Package, RenderedObject, RenderScope} from './types.ts'

/** What experience says about rendered objects: each a warning, but for what breaks an upgrade or a second installation. */
export function lintObjects(pkg: Package, objects: readonly RenderedObject[], {app}: RenderScope): Finding[] {
  const images = new Set(Object.values(pkg.manifest.images))
  return objects.flatMap(rendered => {
    const {object} = rendered
    const described = describeObject(object)
    const found: Habit[] = [...lintObject(rendered, app.name), ...lintPods(object, images)]
    return found.map(({severity = 'error', rule, message, fix, path = []}) =>
      finding(severity, rule, locateField(pkg, rendered, path).value, `${described}${message}`, fix),
    )
  })
}

/** `message` goes on where the object's name ends. */
interface Habit {
  severity?: Finding['severity']
  rule: string
  message: string
  fix: string
  /** Of the field that it is about; the whole object without. */
  path?: readonly string[]
}

function lintObject({object, component, task}: RenderedObject, app: string): Habit[] {
  const found: Habit[] = []
  // A name in the cluster is looked at when it is rendered.
  const {name, namespace} = object.metadata
  if (namespace !== undefined && !hasFixedName(object) && !name.includes(app))
    found.push({
      rule: 'fixed-name',
      message: ' has the same name in every installation: a second one in the namespace would collide',
      fix: 'name: "${app.name}-…"',
    })
  for (const label of changingLabels(object))
    found.push({
      rule: 'version-in-selector',
      message: ` selects by ${label}, which changes: selectors and claim templates cannot`,
      fix: 'leave the selector out: berth makes it',
    })
  if (workloadOf(object) !== undefined && component === undefined && task === undefined)
    found.push({
      rule: 'component',
      message: ' belongs to no component: it gets no labels, no selector, and cannot be scaled or stopped',
      fix: '$component: <name>, or $task: <name> for a Job of a task',
    })
  if (groupKind(object) === 'Job.batch' && fieldsAt(object, 'spec').ttlSecondsAfterFinished !== undefined)
    found.push({
      severity: 'warning',
      rule: 'job-ttl',
      message: ' deletes itself, before its end may have been seen',
      fix: 'remove ttlSecondsAfterFinished: berth deletes it',
    })
  for (const [key, value] of groupKind(object) === 'ConfigMap' ? Object.entries(fieldsAt(object, 'data')) : [])
    if (isPlainSecret(key, value))
      found.push({
        severity: 'warning',
        rule: 'plain-secret',
        message: ` shows ${key} to all who may read ConfigMaps`,
        fix: plainSecretFix,
      })
  return found
}

/** Names of settings that hold what nobody else should know. */
const secretive = /(?:^|[_.-])(?:password|passwd|secret|token|api_?key|private_?key)$/i

function isPlainSecret(name: unknown, value: unknown): boolean {
  return secretive.test(String(name)) && typeof value === 'string' && value.length > 5 && !/\s|^[/]|^\d+$/.test(value)
}

const plainSecretFix = 'a parameter of kind secret, and valueFrom: {secretKeyRef: ${params.name.ref}}'

function changingLabels(object: Fields): string[] {
  const selected = Object.keys(fieldsAt(object, 'spec', 'selector', 'matchLabels'))
  const claimed = listAt(object, 'spec', 'volumeClaimTemplates').flatMap(claim =>
    Object.keys(fieldsAt(claim, 'metadata', 'labels')),
  )
  return [
    ...selected.filter(label => /(^|\/)(version|chart|revision|date|checksum)$/.test(label)),
    ...claimed.filter(label => label.endsWith('/version')),
  ]
}

interface Container {
  /** The pod's spec. */
  pod: Fields
  container: Fields
  /** Empty where it says none. */
  image: string
  images: ReadonlySet<string>
  /** Neither an init container nor of a pod that runs to its end. */
  serves: boolean
}

/** Rules for each container: when they apply, and what they say. */
const containerRules: {rule: string; applies(of: Container): boolean; message(image: string): string; fix: string}[] = [
  {
    rule: 'image',
    applies: ({image, images}) => image !== '' && !images.has(image),
    message: image => `has an image that is not in images: ${image}`,
    fix: 'add it to images in package.yaml and write ${images.name}: mirrors and updates look there',
  },
  {
    rule: 'image-tag',
    applies: ({image}) => image !== '' && /(^[^:@]*|:latest)$/.test(image.slice(image.lastIndexOf('/') + 1)),
    message: image => `has an image without a fixed version: ${image}`,
    fix: 'name a version',
  },
  {
    rule: 'resources',
    applies: ({container}) => container.resources === undefined,
    message: () => 'says no resources, and its component no profile',
    fix: 'profile: small in the component, or resources here',
  },
  {
    rule: 'security-context',
    applies: ({pod, container}) => !isHardened(pod, container),
    message: () => 'may run as root or gain privileges',
    fix: 'securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}',
  },
  {
    rule: 'plain-secret',
    applies: ({container}) =>
      listAt(container, 'env').some(entry => isFields(entry) && isPlainSecret(entry.name, entry.value)),
    message: () => 'has a secret in its environment that all who may read Deployments see',
    fix: plainSecretFix,
  },
  {
    rule: 'probes',
    applies: ({container, serves}) => serves && container.readinessProbe === undefined,
    message: () => 'has no readinessProbe: it counts as ready as soon as it runs',
    fix: 'readinessProbe: {httpGet: {path: /, port: 8080}}',
  },
]

function lintPods(object: RenderedObject['object'], images: ReadonlySet<string>): Habit[] {
  const workload = workloadOf(object)
  if (workload === undefined) return []
  const pod = fieldsAt(object, ...workload.pod, 'spec')
  return ['initContainers', 'containers'].flatMap(list =>
    listAt(pod, list)
      .filter(isFields)
      .flatMap((container, index) => {
        const path = [...workload.pod, 'spec', list, String(index)]
        const image = typeof container.image === 'string' ? container.image : ''
        const of = {pod, container, image, images, serves: workload.selector && list === 'containers'}
        return containerRules
          .filter(({applies}) => applies(of))
          .map(({rule, message, fix}): Habit => {
            const text = `, container ${String(container.name)}, ${message(image)}`
            return {severity: 'warning', rule, message: text, fix, path}
          })
      }),
  )
}

/** By the pod or the container; root is taken as meant where it is said outright. */
function isHardened(pod: Fields, container: Fields): boolean {
  const context = {...fieldsAt(pod, 'securityContext'), ...fieldsAt(container, 'securityContext')}
  const {runAsNonRoot, runAsUser, allowPrivilegeEscalation} = context
  if (runAsNonRoot === false || runAsUser === 0) return true
  return (runAsNonRoot === true || typeof runAsUser === 'number') && allowPrivilegeEscalation === false
}
