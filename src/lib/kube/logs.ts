import type {Readable} from 'node:stream'
import type {AskOptions, Kube, KubeRequest} from './types.ts'

export interface LogOptions extends AskOptions {
  namespace: string
  pod: string
  /** Needed where the pod has several. */
  container?: string
  /** Of the container's run before its last restart. */
  previous?: boolean
  /** Last lines; all without. */
  tail?: number
  sinceSeconds?: number
  /** RFC 3339; the server looks at whole seconds. */
  sinceTime?: string
  timestamps?: boolean
  /** At most so many bytes, from the start of what `tail` chose. */
  limitBytes?: number
}

/**
 * A container's log as text.
 * @throws RemoteError `isInvalid` (400) where the container has not started or there was no previous run
 */
export async function readLogs(kube: Kube, options: LogOptions): Promise<string> {
  return (await kube.request(logRequest(options, false))).text
}

/**
 * The log as it comes: what is there, or with `follow` until the container ends, the stream is destroyed or the signal aborts.
 * @throws RemoteError as {@link readLogs} does
 */
export function streamLogs(kube: Kube, options: LogOptions & {follow: boolean}): Promise<Readable> {
  return kube.stream(logRequest(options, options.follow))
}

/** A kubelet begins its answer with the first line, which may be long in coming. */
const untilFirstLine = 24 * 3_600_000

function logRequest(options: LogOptions, follow: boolean): KubeRequest {
  const {container, previous, tail, sinceSeconds, sinceTime, timestamps, limitBytes} = options
  return {
    method: 'GET',
    path: `/api/v1/namespaces/${encodeURIComponent(options.namespace)}/pods/${encodeURIComponent(options.pod)}/log`,
    query: {
      ...{container, previous, tailLines: tail, sinceSeconds, sinceTime, timestamps, limitBytes},
      follow: follow || undefined,
    },
    ...(follow && {timeout: untilFirstLine}),
    accept: '*/*',
    signal: options.signal,
  }
}
