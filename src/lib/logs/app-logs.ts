import {type AppRef, podsOf, readAnchor} from '../anchor/index.ts'
import {type Kube, type KubeObject, listObjects, watchObjects} from '../kube/index.ts'
import {compilePattern} from '../params/index.ts'
import type {Report} from '../progress.ts'
import {textOf} from './bytes.ts'
import {badPattern, noSuchPart, tooMany} from './errors.ts'
import {Merger} from './merge.ts'
import {Pods, sourcesOf} from './pods.ts'
import {followContainer, type LogWindow, readContainer} from './read-container.ts'
import type {LogSource, WriteLine} from './types.ts'

export interface AppLogsOptions extends LogWindow {
  follow: boolean
  component?: string
  container?: string
  /** RE2; only lines in which it is found. */
  grep?: string
  /** How the lines of a container are written. */
  write(source: LogSource): WriteLine
  signal: AbortSignal
  report: Report
}

/** Connections at a time. */
const mostContainers = 128
const podKind = {apiVersion: 'v1', kind: 'Pod'}

/**
 * The logs of all containers of an app, in the order of their times, as bytes to be written. Following, containers that restart and pods that
 * come are followed, too, until `signal` aborts.
 * @throws UserError `app.not-found`, `usage.invalid`; RemoteError where no log can be read
 */
export async function appLogs(kube: Kube, ref: AppRef, options: AppLogsOptions): Promise<AsyncIterable<Buffer>> {
  const {signal, follow} = options
  const where = {namespace: ref.namespace, labelSelector: podsOf(ref.name), signal}
  const write = writerFor(options)
  const [, {items}] = await Promise.all([readAnchor(kube, ref, signal), listObjects(kube, podKind, where)])
  const chosen = (pod: KubeObject) => sourcesOf(pod).filter(source => isChosen(source, options))
  refuseUnknown(items.flatMap(sourcesOf), options)
  const count = items.flatMap(chosen).length
  if (count > mostContainers) throw tooMany(count, mostContainers)
  const merger = new Merger(follow)
  if (follow && count === 0) options.report({type: 'warning', message: 'there is nothing to follow yet'})
  if (follow) void followPods().catch((error: unknown) => merger.fail(error))
  else readPods(items)
  return merger.batches()

  function readPods(pods: KubeObject[]): void {
    const failures: unknown[] = []
    const sources = pods.flatMap(chosen)
    if (sources.length === 0) options.report({type: 'warning', message: `${ref.namespace}/${ref.name} has no pods`})
    const orTold = async function* (source: LogSource) {
      try {
        yield* readContainer(kube, source, options, signal)
      } catch (error) {
        // One that cannot be read does not hide the others.
        if (signal.aborted || failures.push(error) === sources.length || !(error instanceof Error)) throw error
        const message = `the log of ${source.pod}/${source.container} cannot be read: ${error.message}`
        options.report({type: 'warning', message})
      }
    }
    for (const source of sources) merger.add(orTold(source), write(source))
    merger.close()
  }

  async function followPods(): Promise<void> {
    const pods = new Pods()
    let first = true
    try {
      for await (const event of watchObjects(kube, podKind, where)) {
        for (const pod of pods.hear(event))
          for (const source of chosen(pod)) {
            if (merger.lanes >= mostContainers) {
              const message = `${source.pod}/${source.container} is one too many to follow (${mostContainers})`
              options.report({type: 'warning', message})
              continue
            }
            const {tail, sinceSeconds} = options
            // Of a pod that comes everything is new.
            const wanted = first
              ? {...(tail !== undefined && {tail}), ...(sinceSeconds !== undefined && {sinceSeconds})}
              : {}
            merger.add(followContainer(kube, source, wanted, signal, pods.runsOf(pod, source.container)), write(source))
          }
        first = false
      }
    } finally {
      pods.end()
      merger.close()
    }
  }
}

const isChosen = (source: LogSource, {component, container}: AppLogsOptions): boolean =>
  (component === undefined || source.component === component) &&
  (container === undefined || source.container === container)

/** Following, what is not there may come. */
function refuseUnknown(sources: LogSource[], {component, container, follow}: AppLogsOptions): void {
  if (follow || sources.length === 0) return
  const refuse = (what: 'component' | 'container', name: string | undefined) => {
    const known = [...new Set(sources.flatMap(source => source[what] ?? []))]
    if (name !== undefined && !known.includes(name)) throw noSuchPart(what, name, known)
  }
  refuse('component', component)
  refuse('container', container)
}

/** Leaves lines out before they are written. Most patterns are plain words, which need no engine, and no decoding either. */
function writerFor({grep, write}: AppLogsOptions): (source: LogSource) => WriteLine {
  if (grep === undefined) return write
  const plain = /^[\p{L}\p{N}\s/:=@#%&,;<>"'~`!_-]*$/u.test(grep) ? Buffer.from(grep).toString('latin1') : undefined
  const pattern = compilePattern(grep)
  if (typeof pattern === 'string') throw badPattern(grep, pattern)
  const isIn = (bytes: string) => (plain === undefined ? pattern.test(textOf(bytes)) : bytes.includes(plain))
  return source => {
    const writeLine = write(source)
    return (time, bytes) => (isIn(bytes) ? writeLine(time, bytes) : '')
  }
}
