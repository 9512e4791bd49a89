import {Writable} from 'node:stream'
import {setTimeout as sleep} from 'node:timers/promises'
import {type AppRef, label} from '../anchor/index.ts'
import {RemoteError} from '../errors.ts'
import {ExpressionError, evaluateExpression, parseExpression} from '../expr/index.ts'
import {exec, findObject, type Kube, listObjects} from '../kube/index.ts'
import type {Package} from '../package/index.ts'
import type {Check, ExecCheck, HttpCheck, ObjectCheck} from './test-cases.ts'

export interface Tested extends Pick<Package, 'manifest' | 'interfaces'> {
  kube: Kube
  app: AppRef
  signal: AbortSignal
}

/** Tries a check every second until it holds. Undefined when it does, else why not. */
export async function runCheck(tested: Tested, check: Check): Promise<string | undefined> {
  const end = Date.now() + (check.within ?? 15) * 1000
  for (;;) {
    const fault = await tryCheck(tested, check)
    if (fault === undefined || Date.now() >= end) return fault
    await sleep(1000, undefined, {signal: tested.signal})
  }
}

async function tryCheck(tested: Tested, check: Check): Promise<string | undefined> {
  try {
    if ('http' in check) return await checkHttp(tested, check)
    return 'exec' in check ? await checkExec(tested, check) : await checkObject(tested, check)
  } catch (error) {
    tested.signal.throwIfAborted()
    if (error instanceof RemoteError || error instanceof ExpressionError) return error.message
    throw error
  }
}

/** Through the API server's proxy, so that it works from wherever the cluster is reached. */
async function checkHttp({kube, app, manifest, signal}: Tested, {http}: HttpCheck): Promise<string | undefined> {
  const {endpoint: name, status = 200, contains} = http
  const endpoint = manifest.provides[name]
  if (endpoint === undefined) return `provides has no ${name}`
  const {pathname, searchParams} = new URL(http.path ?? '/', 'http://app')
  const path = `/api/v1/namespaces/${app.namespace}/services/${app.name}-${name}:${endpoint.port}/proxy${pathname}`
  const answer = await kube
    .request({method: 'GET', path, query: Object.fromEntries(searchParams), signal, patience: 0, timeout: 10_000})
    .catch((error: unknown) => {
      // What the app refuses, the proxy hands on.
      if (error instanceof RemoteError && error.status === status) return {status, text: ''}
      throw error
    })
  if (answer.status !== status) return `it answered ${answer.status}, not ${status}`
  if (contains === undefined || answer.text.includes(contains)) return undefined
  return `the body has no ${JSON.stringify(contains)}: ${JSON.stringify(answer.text.slice(0, 200))}`
}

async function checkExec({kube, app, signal}: Tested, {exec: wanted}: ExecCheck): Promise<string | undefined> {
  const {namespace} = app
  const labelSelector = `${label.instance}=${app.name},${label.component}=${wanted.component}`
  const {items} = await listObjects(kube, {apiVersion: 'v1', kind: 'Pod'}, {namespace, labelSelector, signal})
  const pod = items.find(({metadata}) => metadata.deletionTimestamp === undefined)
  if (pod === undefined) return `no pod of component ${wanted.component} is running`
  const chunks: Buffer[] = []
  const sink = () =>
    new Writable({write: (chunk: Buffer, _encoding, done) => done(void chunks.push(chunk) as undefined)})
  const {exitCode} = await exec(kube, {
    namespace,
    pod: pod.metadata.name,
    ...(wanted.container !== undefined && {container: wanted.container}),
    command: ['sh', '-c', wanted.run],
    stdout: sink(),
    stderr: sink(),
    signal,
    timeout: 30_000,
  })
  const said = Buffer.concat(chunks).toString()
  const shown = JSON.stringify(said.trim().slice(-200))
  if (exitCode !== 0) return `it ended with ${exitCode}: ${shown}`
  if (wanted.contains === undefined || said.includes(wanted.contains)) return undefined
  return `it did not print ${JSON.stringify(wanted.contains)}: ${shown}`
}

async function checkObject(
  {kube, app, signal}: Tested,
  {object: {apiVersion, kind, name}, check}: ObjectCheck,
): Promise<string | undefined> {
  const object = await findObject(kube, {apiVersion, kind, namespace: app.namespace, name}, {signal})
  if (object === undefined) return `there is no ${kind} ${name}`
  const expression = parseExpression(check, {file: 'check', line: 1, column: 1})
  return evaluateExpression(expression, {object}) === true ? undefined : `\`${check}\` is not true of ${kind} ${name}`
}
