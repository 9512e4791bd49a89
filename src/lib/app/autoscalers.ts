import type {AppRef, Autoscaler} from '../anchor/index.ts'
import {label} from '../anchor/index.ts'
import type {KubeObject} from '../kube/index.ts'
import {refOf} from '../kube/index.ts'
import type {RenderedObject} from '../package/index.ts'
import {scaleRefused} from './errors.ts'
import {parseMetric} from './metric.ts'

type Rendered = Pick<RenderedObject, 'component' | 'replicas'> & {object: KubeObject}

/**
 * The autoscalers that the user asked for: one for each object of the component that has a count.
 * @throws UserError `scale.refused` where one goes by an object that the app has not
 */
export function autoscalers(
  ref: AppRef,
  packageName: string,
  asked: Record<string, Autoscaler>,
  rendered: Rendered[],
): {object: KubeObject; component: string}[] {
  const {namespace} = ref
  return Object.entries(asked).flatMap(([component, autoscaler]) => {
    const measured = (of: string): Named => {
      const found = rendered.map(({object}) => refOf(object)).find(({kind, name}) => `${kind}/${name}` === of)
      if (found) return {apiVersion: found.apiVersion, kind: found.kind, name: found.name}
      throw scaleRefused(ref, component, `its autoscaler goes by ${of}, and the app has no such object`, [
        `berth app tree ${ref.name} -n ${ref.namespace}   what it has`,
        `berth app autoscale ${ref.name} ${component} -n ${ref.namespace} --metric NAME@${of}=0   not by it`,
      ])
    }
    return rendered
      .filter(entry => entry.component === component && entry.replicas !== undefined)
      .map(({object}) => ({
        component,
        object: {
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata: {
            name: object.metadata.name,
            namespace,
            labels: {[label.name]: packageName, [label.component]: component},
          },
          spec: specOf(refOf(object), autoscaler, measured),
        },
      }))
  })
}

interface Named {
  apiVersion: string
  kind: string
  name: string
}

function specOf(
  {apiVersion, kind, name}: Named,
  {min, max, cpu, memory, metrics = {}, external = {}, patience}: Autoscaler,
  measured: (of: string) => Named,
) {
  const resource = (resourceName: string, averageUtilization: number) => ({
    type: 'Resource',
    resource: {name: resourceName, target: {type: 'Utilization', averageUtilization}},
  })
  return {
    scaleTargetRef: {apiVersion, kind, name},
    minReplicas: min,
    maxReplicas: max,
    metrics: [
      ...(cpu === undefined ? [] : [resource('cpu', cpu)]),
      ...(memory === undefined ? [] : [resource('memory', memory)]),
      ...Object.entries(metrics).map(([text, averageValue]) => {
        const target = {type: 'AverageValue', averageValue}
        const {metric, of} = identified(text)
        return of === undefined
          ? {type: 'Pods', pods: {metric, target}}
          : {type: 'Object', object: {metric, describedObject: measured(of), target}}
      }),
      ...Object.entries(external).map(([text, averageValue]) => ({
        type: 'External',
        external: {metric: identified(text).metric, target: {type: 'AverageValue', averageValue}},
      })),
    ],
    // Out at once, by doubling; in by half at most within a minute, and only once the load has been lower for a while.
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          {type: 'Percent', value: 100, periodSeconds: 15},
          {type: 'Pods', value: 4, periodSeconds: 15},
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: patience,
        selectPolicy: 'Max',
        policies: [
          {type: 'Percent', value: 50, periodSeconds: 60},
          {type: 'Pods', value: 1, periodSeconds: 60},
        ],
      },
    },
  }
}

/** As the API has it. What cannot be read (the record is anyone's to write) is a name that no metric has. */
function identified(text: string): {metric: {name: string; selector?: {matchLabels: object}}; of?: string} {
  const {name, labels, of} = parseMetric(text) ?? {name: text}
  return {metric: {name, ...(labels && {selector: {matchLabels: labels}})}, ...(of && {of})}
}
