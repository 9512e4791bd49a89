import {Writable} from 'node:stream'
import type {Anchor} from '../anchor/index.ts'
import {
  anchorName,
  annotation,
  formatRef,
  label,
  managedBy,
  readPackageSecret,
  serviceOf,
  stateManager,
} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import type {Kube, KubeObject} from '../kube/index.ts'
import {exec, inShortPod, listObjects} from '../kube/index.ts'
import type {Grant, Manifest, Script} from '../package/index.ts'
import {scriptFailed} from './errors.ts'
import type {Offer} from './providers.ts'

/** What a provider's script reads as JSON on its stdin. Secrets travel here and nowhere else. */
export interface ScriptInput {
  consumer: {namespace: string; name: string; parameter: string; id: string}
  request: Record<string, unknown>
  secrets: Record<string, string>
  /** What `ensure` or `rotate` printed last, where one of them has run. */
  outputs: Record<string, unknown>
  endpoint: {host: string; port: number}
}

/** Exec cannot be fenced by the lock, so a script must be over well before a lease (60 s) can run out. */
const longestScript = 50
const outputLimit = 1024 * 1024
const dumpLimit = 64 * outputLimit
/** The script is an argument of the shell, and so part of a URL. */
const scriptLimit = 48 * 1024

// Runs $0 under a deadline where the container has `timeout`, so that a script whose caller died ends by itself.
const wrapper = (seconds: number) =>
  `if command -v timeout >/dev/null 2>&1; then exec timeout ${seconds} sh -c "$0"; else exec sh -c "$0"; fi`

/**
 * Runs one of a provider's scripts in one of its ready pods, or in a pod of its own for a service outside: JSON in, a JSON object out.
 * @param assertHeld throws where the lock is lost: a pod of its own takes its time to come, and this is asked once it is there
 * @throws UserError `binding.failed` with the last lines of its stderr, secrets masked
 */
export async function runScript(
  kube: Kube,
  provider: Anchor,
  endpoint: string,
  verb: Exclude<Verb, 'dump' | 'restore'>,
  input: Partial<ScriptInput>,
  signal: AbortSignal,
  assertHeld?: () => void,
): Promise<Record<string, unknown>> {
  const asked = {provider, endpoint, verb, input, ...(assertHeld && {assertHeld})}
  const {output, fail} = await execute(kube, {...asked, stdin: Buffer.from(JSON.stringify(input))}, signal)
  const printed = output.toString().trim()
  return printed === '' ? {} : parseOutputs(printed, fail)
}

/** What `dump` writes of a use, as a whole: small data, such as tests have. @throws UserError `binding.failed` */
export async function dumpUse(
  kube: Kube,
  provider: Anchor,
  endpoint: string,
  input: Partial<ScriptInput>,
  signal: AbortSignal,
): Promise<Buffer> {
  const asked = {provider, endpoint, verb: 'dump' as const, input, limit: dumpLimit}
  return (await execute(kube, {...asked, stdin: Buffer.from(JSON.stringify(input))}, signal)).output
}

/** Hands it to `restore`, after a line that says for whom. @throws UserError `binding.failed` */
export async function restoreUse(
  kube: Kube,
  provider: Anchor,
  endpoint: string,
  {dump, ...input}: Partial<ScriptInput> & {dump: Buffer},
  signal: AbortSignal,
): Promise<void> {
  const stdin = Buffer.concat([Buffer.from(`${JSON.stringify(input)}\n`), dump])
  await execute(kube, {provider, endpoint, verb: 'restore', input, stdin}, signal)
}

interface Execution {
  provider: Anchor
  endpoint: string
  verb: Verb
  /** What of it is secret is masked in errors. */
  input: Partial<ScriptInput>
  stdin: Buffer
  limit?: number
  assertHeld?(): void
}

/** Nothing where the endpoint has no such script. */
async function execute(
  kube: Kube,
  {provider, endpoint, verb, input, stdin, limit = outputLimit, assertHeld}: Execution,
  signal: AbortSignal,
): Promise<{output: Buffer; fail: (why: string, output?: string) => UserError}> {
  const found = await readScript(kube, provider, endpoint, verb)
  const name = `${found?.script.file} (${verb})`
  const fail = (why: string, output = '') => scriptFailed(provider.ref, name, why, mask(output, input.secrets ?? {}))
  if (found === undefined) return {output: Buffer.alloc(0), fail}
  const {script, source} = found
  if (source === '') throw fail(`the package has no file ${script.file}`)
  if (source.length > scriptLimit) throw fail(`it is longer than ${scriptLimit / 1024} KiB`)
  const [stdout, stderr] = [collect(limit), collect(outputLimit)]
  const seconds = deadline(script)
  const {exitCode} = await inPodOf(kube, provider, found, {fail, signal}, where => {
    assertHeld?.()
    return exec(kube, {
      namespace: provider.ref.namespace,
      ...where,
      command: ['sh', '-c', wrapper(seconds), source],
      stdin,
      stdout: stdout.sink,
      stderr: stderr.sink,
      signal,
      timeout: (seconds + 5) * 1000,
    })
  })
  const last = () => lastLines(stderr.bytes().toString())
  if (exitCode === 124) throw fail(`it was not done within ${seconds} s`, last())
  if (exitCode !== 0) throw fail(`it ended with exit code ${exitCode}`, last())
  return {output: stdout.bytes(), fail}
}

type Verb = Exclude<keyof Grant, 'run'>

interface Found {
  grant: Grant
  images: Manifest['images']
  script: Script
  source: string
}

/** A script of an endpoint, from the package that its app was made of; undefined where it has none. */
async function readScript(kube: Kube, provider: Anchor, endpoint: string, verb: Verb): Promise<Found | undefined> {
  const digest = provider.current?.package.digest
  if (digest === undefined) throw scriptFailed(provider.ref, verb, 'the app is not installed', '')
  const pkg = await readPackageSecret(kube, provider.ref, digest)
  const grant = pkg.manifest.provides[endpoint]?.grant
  const script = grant?.[verb]
  if (grant === undefined || script === undefined) return undefined
  const read = (file: string) => Buffer.from(pkg.files.get(file) ?? '').toString()
  const before = serviceOf(provider.ref) && grant.run.outside?.before
  const source = before ? `${read(before.file)}\n${read(script.file)}` : read(script.file)
  return {grant, images: pkg.manifest.images, script, source}
}

/** @throws UserError `binding.refused` where the provider's package cannot do this */
export async function requireScript(
  kube: Kube,
  {anchor, name}: Pick<Offer, 'anchor' | 'name'>,
  verb: Verb,
): Promise<void> {
  if ((await readScript(kube, anchor, name, verb)) !== undefined) return
  const {name: pkg, version} = anchor.package ?? {name: 'its package', version: ''}
  throw new UserError('binding.refused', {
    message: `${formatRef(anchor.ref)} cannot ${verb}: ${pkg} ${version} has no script for it (provides.${name}.grant.${verb})`,
    details: {provider: formatRef(anchor.ref), endpoint: name, verb},
  })
}

const deadline = (script: Script): number => Math.min(script.timeout ?? longestScript, longestScript)

function parseOutputs(printed: string, fail: (why: string) => Error): Record<string, unknown> {
  let outputs: unknown
  try {
    outputs = JSON.parse(printed)
  } catch {
    // The text is not shown: it may hold a secret that we do not know to mask.
    throw fail('what it printed on stdout is not JSON')
  }
  if (typeof outputs !== 'object' || outputs === null || Array.isArray(outputs))
    throw fail('what it printed on stdout is not a JSON object')
  return outputs as Record<string, unknown>
}

interface Where {
  pod: string
  container?: string
}

/** Finds the pod of an app; for a service outside makes one, with what was said of the service. */
async function inPodOf<T>(
  kube: Kube,
  provider: Anchor,
  {grant, images}: Found,
  {fail, signal}: {fail: (why: string) => Error; signal: AbortSignal},
  work: (where: Where) => Promise<T>,
): Promise<T> {
  const {namespace, name} = provider.ref
  if (serviceOf(provider.ref) === undefined) return work(await choosePod(kube, provider, grant, fail))
  const {image = '', env = {}, files = {}} = grant.run.outside ?? {}
  const secretName = anchorName(name)
  const said = (output: string) => ({secretKeyRef: {name: secretName, key: output, optional: true}})
  const container = {
    image: images[image] ?? '',
    env: [
      ...Object.entries(env).map(([variable, output]) => ({name: variable, valueFrom: said(output)})),
      ...Object.entries(files).map(([variable, output]) => ({name: variable, value: `${saidAt}/${output}`})),
    ],
    volumeMounts: [{name: 'said', mountPath: saidAt, readOnly: true}],
  }
  const items = Object.values(files).map(output => ({key: output, path: output}))
  const volumes = [{name: 'said', secret: {secretName, items, optional: true, defaultMode: 0o440}}]
  const labels = {[label.managedBy]: managedBy, [label.kind]: 'script'}
  const pod = {namespace, prefix: 'berth-script', labels, container, volumes, seconds: 60 + longestScript + 10}
  return inShortPod(kube, {...pod, fieldManager: stateManager, signal}, async found => {
    if ('why' in found) throw fail(`its pod does not run: ${found.why}`)
    return work(found)
  })
}

const saidAt = '/run/service'

async function choosePod(kube: Kube, provider: Anchor, grant: Grant, fail: (why: string) => Error): Promise<Where> {
  const wanted = {[label.instance]: provider.ref.name, [label.component]: grant.run.component, ...grant.run.select}
  const labelSelector = Object.entries(wanted)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const {items} = await listObjects(
    kube,
    {apiVersion: 'v1', kind: 'Pod'},
    {namespace: provider.ref.namespace, labelSelector},
  )
  // A task's pod has the component's labels, but nothing of the component runs in it.
  const running = items.filter(
    pod => pod.metadata.deletionTimestamp === undefined && pod.metadata.annotations?.[annotation.task] === undefined,
  )
  const ready = running.find(isReady)
  if (ready === undefined)
    throw fail(
      running.length === 0
        ? `no pod of component ${grant.run.component} is running`
        : `no pod of component ${grant.run.component} is ready`,
    )
  const {container} = grant.run
  return {pod: ready.metadata.name, ...(container !== undefined && {container})}
}

function isReady(pod: KubeObject): boolean {
  const {conditions = []} = (pod.status ?? {}) as {conditions?: {type: string; status: string}[]}
  return conditions.some(({type, status}) => type === 'Ready' && status === 'True')
}

function collect(limit: number): {sink: Writable; bytes(): Buffer} {
  const chunks: Buffer[] = []
  let size = 0
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > limit) return done(new RangeError(`more than ${limit / 1024} KiB of output`))
      chunks.push(chunk)
      done()
    },
  })
  return {sink, bytes: () => Buffer.concat(chunks)}
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-8).join('\n')

function mask(text: string, secrets: Record<string, string>): string {
  return Object.values(secrets).reduce(
    (masked, secret) => (secret === '' ? masked : masked.replaceAll(secret, '***')),
    text,
  )
}
