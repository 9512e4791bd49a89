import type {WebSocket} from 'ws'
import {RemoteError} from '../errors.ts'
import {keepAlive} from './exec-heartbeat.ts'
import {channels, exitOf} from './exec-protocol.ts'
import {Sinks, sendFrames} from './socket-streams.ts'
import type {ExecRequest, ExecResult, Kube} from './types.ts'

/**
 * Runs a command in a container. Settles once: with the exit code that the API server reports after all output has been written to the
 * sinks, or with an error; a connection that breaks, at whatever byte, is always an error, and so is a status without a proper close after
 * it, since output may still have been on its way (kubernetes/kubernetes#124571).
 *
 * What the container runtime does cannot be seen from here, and three things of containerd 1.6 were seen in tests: output that a slow sink
 * has not taken some seconds after the command ended is dropped, with exit code 0 (kubernetes/kubernetes#124571); a command that redirects its own
 * stdout (`cat > file`) is given the end of its input at once and ends with 0, 94 of 100 times (`cat > file; echo done` in a shell keeps it
 * open); and a command that ends with some 100 KiB of input unread may never be reported as ended, by kubectl neither. So where each byte
 * counts: let the command read all, count, print a trailer and wait for an acknowledgement, and give a `timeout`.
 *
 * A slow `stdout` slows the command, a slow command slows `stdin`; the sinks are written to, not ended. `stdin` needs Kubernetes 1.30
 * (`v5.channel.k8s.io` can say "end of input", KEP-4006), and is destroyed where the command ends before it.
 * @throws RemoteError `cluster.forbidden`, `cluster.rejected` (no such pod, container or program), `cluster.unavailable` (reason
 * `ConnectionLost` or `ExecTimeout`), `cluster.unreachable`; the sink's or the source's own error; the signal's reason
 */
export async function exec(kube: Kube, request: ExecRequest): Promise<ExecResult> {
  const {namespace, pod, container, command, stdin, stderr, signal} = request
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec`
  const query: [string, string][] = [
    ...(container === undefined ? [] : [['container', container] as [string, string]]),
    ['stdin', String(stdin !== undefined)],
    ['stdout', 'true'],
    ['stderr', String(stderr !== undefined)],
    ...command.map(word => ['command', word] as [string, string]),
  ]
  const protocols = stdin === undefined ? ['v5.channel.k8s.io', 'v4.channel.k8s.io'] : ['v5.channel.k8s.io']
  const socket = await kube.upgrade(path, query, protocols, signal)
  return converse(socket, request)
}

function converse(socket: WebSocket, request: ExecRequest): Promise<ExecResult> {
  const {stdin, stdout, stderr, signal, timeout} = request
  const where = `${request.namespace}/${request.pod}`
  return new Promise((resolve, reject) => {
    let result: ExecResult | undefined
    let over = false
    const fail = (error: unknown) => {
      if (over) return
      over = true
      end()
      socket.terminate()
      reject(error)
    }
    const sinks = new Sinks(socket, fail)
    const heart = keepAlive(socket, silence => fail(connectionLost(where, silence)))
    const deadline =
      timeout === undefined ? undefined : setTimeout(() => fail(execTimedOut(where, request.command, timeout)), timeout)
    const abort = () => fail(signal?.reason)
    const end = () => {
      heart.stop()
      clearTimeout(deadline)
      signal?.removeEventListener('abort', abort)
      sinks.release()
    }
    signal?.addEventListener('abort', abort, {once: true})

    socket.on('message', (data: Buffer) => {
      heart.beat()
      const channel = data[0]
      const payload = data.subarray(1)
      if (channel === channels.stdout) sinks.write(stdout, payload)
      else if (channel === channels.stderr && stderr !== undefined) sinks.write(stderr, payload)
      else if (channel === channels.error && payload.length > 0) {
        try {
          result = exitOf(payload, where)
        } catch (error) {
          fail(error)
        }
      }
    })
    socket.on('error', error => fail(connectionLost(where, error.message)))
    socket.on('close', code => {
      if (over) return
      // 1000 and 1005 are closes that the server meant; 1006 is a socket that went away.
      if (result === undefined || (code !== 1000 && code !== 1005))
        return fail(
          connectionLost(where, `closed with code ${code}, ${result ? 'output may be missing' : 'no exit code'}`),
        )
      const done = result
      sinks.flushed().then(() => {
        if (over) return
        over = true
        end()
        resolve(done)
      }, fail)
    })
    if (signal?.aborted) return abort()
    if (socket.readyState !== socket.OPEN) return fail(connectionLost(where, 'closed at once'))
    socket.resume()
    if (stdin === undefined) return
    sendFrames(socket, stdin, heart.sent).then(
      () => socket.readyState === socket.OPEN && socket.send(Buffer.from([channels.close, channels.stdin])),
      error => result === undefined && fail(error),
    )
  })
}

const connectionLost = (where: string, why: string) =>
  new RemoteError('cluster.unavailable', {
    message: `the connection to the command in ${where} was lost (${why}): whether it ran to its end is not known`,
    reason: 'ConnectionLost',
    details: {pod: where},
  })

const execTimedOut = (where: string, command: string[], timeout: number) =>
  new RemoteError('cluster.unavailable', {
    message: `${command[0] ?? 'the command'} in ${where} did not end within ${timeout / 1000} s`,
    reason: 'ExecTimeout',
    details: {pod: where, timeout},
  })
