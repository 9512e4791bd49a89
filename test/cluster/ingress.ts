import {request} from 'node:http'
import {text} from 'node:stream/consumers'
import {setTimeout as sleep} from 'node:timers/promises'

/** Where the sandbox's proxy answers, from inside its network; undefined on another cluster. */
export const ingress = process.env.BERTH_SANDBOX_INGRESS

export interface Answer {
  status: number
  body: string
  location: string | undefined
}

/** Asks the cluster's proxy for a page of a host. */
export async function through(host: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, ingress), {headers: {host, ...headers}, timeout: 10_000}, response => {
      const {statusCode: status = 0, headers} = response
      text(response).then(body => resolve({status, body, location: headers.location}), reject)
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s')))
    asked.on('error', reject)
    asked.end()
  })
}

/** Waits until the proxy has a route for the host: it looks for new ones a few times a second, and says 404 until then. */
export async function untilRouted(host: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    if ((await through(host, '/')).status !== 404) return
    await sleep(200)
  }
  throw new Error(`the proxy has no route for ${host} after 10 s`)
}

/** What an OIDC provider says to a browser that an app sends to it: 200 is its login, or its choice of logins. */
export async function askedToLogIn(provider: string, clientId: string, redirectUri: string): Promise<number> {
  const query = {client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'openid', state: 'x'}
  let path = `/auth?${new URLSearchParams(query)}`
  for (let hop = 0; hop < 5; hop++) {
    const {status, location} = await through(provider, path)
    if (location === undefined) return status
    path = location.replace(/^https?:\/\/[^/]+/, '')
  }
  throw new Error(`${provider} sends browsers in circles`)
}

/** Asks so many times a second until told to stop, and remembers every answer that was not 200. */
export function probe(
  host: string,
  path: string,
  perSecond: number,
): {stop(): Promise<{requests: number; failures: string[]}>} {
  const stopped = new AbortController()
  const failures: string[] = []
  const pending = new Set<Promise<void>>()
  let requests = 0
  const ask = async () => {
    try {
      const {status} = await through(host, path)
      if (status !== 200) failures.push(`request ${requests}: ${status}`)
    } catch (error) {
      failures.push(`request ${requests}: ${error instanceof Error ? error.message : error}`)
    }
  }
  const asking = (async () => {
    while (!stopped.signal.aborted) {
      requests++
      const asked = ask()
      pending.add(asked)
      void asked.finally(() => pending.delete(asked))
      await sleep(1000 / perSecond)
    }
    await Promise.all(pending)
  })()
  return {
    stop: async () => {
      stopped.abort()
      await asking
      return {requests, failures}
    },
  }
}
