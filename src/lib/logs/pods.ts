import {label} from '../anchor/index.ts'
import type {KubeObject, WatchEvent} from '../kube/index.ts'
import type {Run, Runs} from './read-container.ts'
import type {LogSource} from './types.ts'

interface ContainerStatus {
  name: string
  containerID?: string
  state?: {running?: object}
}

/** The containers of a pod that ever run, init containers first. */
export function sourcesOf(pod: KubeObject): LogSource[] {
  const {initContainers = [], containers = []} = (pod.spec ?? {}) as Record<string, {name: string}[] | undefined>
  const all = [...initContainers, ...containers]
  return all.map(({name}) => ({
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name,
    container: name,
    component: pod.metadata.labels?.[label.component] ?? null,
    alone: all.length === 1,
  }))
}

/** What a watch of pods tells of the runs of their containers. */
export class Pods {
  readonly #pods = new Map<string, KubeObject>()
  #next = Promise.withResolvers<void>()

  /** @returns pods that are new */
  hear(event: WatchEvent): KubeObject[] {
    const before = new Set(this.#pods.keys())
    if (event.type === 'synced') {
      this.#pods.clear()
      for (const pod of event.objects) this.#pods.set(uidOf(pod), pod)
    } else if (event.type === 'deleted') this.#pods.delete(uidOf(event.object))
    else this.#pods.set(uidOf(event.object), event.object)
    this.#next.resolve()
    this.#next = Promise.withResolvers()
    return [...this.#pods.values()].filter(pod => !before.has(uidOf(pod)))
  }

  /** Ends every wait. */
  end(): void {
    this.#pods.clear()
    this.#next.resolve()
  }

  runsOf(pod: KubeObject, container: string): Runs {
    return {
      changed: () => this.#next.promise,
      now: () => {
        const found = this.#pods.get(uidOf(pod))
        return found === undefined ? null : runOf(found, container)
      },
    }
  }
}

const uidOf = ({metadata}: KubeObject): string => metadata.uid ?? ''

function runOf({status}: KubeObject, container: string): Run | undefined {
  const {initContainerStatuses = [], containerStatuses = []} = (status ?? {}) as Record<
    string,
    ContainerStatus[] | undefined
  >
  const found = [...initContainerStatuses, ...containerStatuses].find(({name}) => name === container)
  // Between two runs it waits, under the id of the last.
  return found?.containerID ? {id: found.containerID, running: found.state?.running !== undefined} : undefined
}
