import {isDeepStrictEqual} from 'node:util'
import {type AppRef, type PackageRef, readAnchor} from '../anchor/index.ts'
import {install, type Lib, uninstall} from '../app/index.ts'
import {consumerId, provision, release, runScript, takeOutputs} from '../binding/index.ts'
import {BerthError, UserError} from '../errors.ts'
import {generateSecret} from '../keys/index.ts'
import type {Package} from '../package/index.ts'
import {mergeAnswers, type ReadSource} from '../params/index.ts'
import {type TestCase, testCases} from './test-cases.ts'
import {runCheck} from './test-checks.ts'
import {leftIn, makeTestNamespace, objectsIn, removeAbandoned, removeTestNamespace} from './test-namespace.ts'

export interface TestedPackage {
  name: string
  version: string
  passed: boolean
  tests: TestRun[]
  /** Namespaces of earlier runs that were killed, removed now. */
  removed: string[]
}

/** One answers file. */
export interface TestRun {
  name: string
  passed: boolean
  seconds: number
  steps: TestStep[]
}

export interface TestStep {
  title: string
  passed: boolean
  /** Why it failed. */
  message: string | null
}

export interface TestOptions {
  /** Names of tests; all without. */
  only: string[]
  /** What reaches beyond the namespace and is agreed to. */
  allow: string[]
  timeout: number
  read: ReadSource
  /** Finds the packages of providers. */
  find(name: string): Promise<{package: Package; repository: string | undefined}>
}

/**
 * Installs a package with each of its answers files into a namespace of its own, runs its checks and its grant scripts (twice each),
 * uninstalls it with its data and looks what is left. The namespace goes, however it ends; after a kill, the next run removes it.
 * @throws UserError `package.invalid`, `params.invalid` for faulty tests; the signal's reason
 */
export async function testPackage(lib: Lib, pkg: Package, options: TestOptions): Promise<TestedPackage> {
  const {name, version} = pkg.manifest
  const all = testCases(pkg)
  const cases = options.only.length === 0 ? all : all.filter(test => options.only.includes(test.name))
  if (cases.length < options.only.length) throw unknownTest(options.only, all)
  const removed = await removeAbandoned(lib.kube, lib.holder, lib.now(), lib.signal)
  const tests: TestRun[] = []
  for (const test of cases) tests.push(await new Run(lib, pkg, test, options).run())
  return {name, version, passed: tests.every(({passed}) => passed), tests, removed}
}

class Run {
  readonly #lib: Lib
  readonly #pkg: Package
  readonly #test: TestCase
  readonly #options: TestOptions
  readonly #steps: TestStep[] = []
  #app: AppRef

  constructor(lib: Lib, pkg: Package, test: TestCase, options: TestOptions) {
    const installed = new Set<string>([pkg.digest])
    // What a test installs it may also run: nobody else has touched the namespace.
    this.#lib = {...lib, isTrusted: async ref => installed.has(ref.digest) || lib.isTrusted(ref)}
    this.#pkg = pkg
    this.#test = test
    this.#options = {
      ...options,
      find: async name => {
        const found = await options.find(name)
        installed.add(found.package.digest)
        return found
      },
    }
    this.#app = {namespace: '', name: pkg.manifest.name}
  }

  async run(): Promise<TestRun> {
    const {kube, now, holder} = this.#lib
    const started = now().getTime()
    const {name} = this.#pkg.manifest
    const namespace = await makeTestNamespace(kube, name, holder)
    this.#app = {namespace, name}
    try {
      await this.#inside()
    } finally {
      await removeTestNamespace(kube, namespace)
    }
    const passed = this.#steps.every(step => step.passed)
    return {name: this.#test.name, passed, seconds: (now().getTime() - started) / 1000, steps: this.#steps}
  }

  async #inside(): Promise<void> {
    const {kube, signal} = this.#lib
    const {providers, checks, answers} = this.#test
    const {namespace} = this.#app
    for (const [name, text] of Object.entries(providers)) {
      const installed = await this.#step(`installs ${text} as ${name}`, async () => {
        const found = await this.#options.find(text)
        const none = {answers: {}, positions: new Map()}
        await this.#install({namespace, name}, found.package, found.repository, none)
      })
      if (!installed) return
    }
    const before = await objectsIn(kube, namespace, signal)
    if (!(await this.#step('installs', () => this.#install(this.#app, this.#pkg, undefined, answers)))) return
    const tested = {kube, app: this.#app, manifest: this.#pkg.manifest, signal}
    for (const check of checks)
      await this.#step(check.name, async () => {
        const fault = await runCheck(tested, check)
        if (fault !== undefined) throw new UserError('operation.failed', {message: fault})
      })
    for (const [endpoint, {grant}] of Object.entries(this.#pkg.manifest.provides))
      if (grant !== undefined) await this.#grant(endpoint)
    const gone = await this.#step('uninstalls with its data', async () => {
      await uninstall(
        this.#lib,
        this.#app,
        {deleteData: true, force: false, timeout: this.#options.timeout},
        () => undefined,
      )
    })
    if (!gone) return
    await this.#step('leaves nothing', async () => {
      const left = await leftIn(kube, namespace, before, signal)
      if (left.length > 0) throw new UserError('operation.failed', {message: `left over: ${left.join(', ')}`})
    })
  }

  async #install(ref: AppRef, pkg: Package, repository: string | undefined, file: TestCase['answers']): Promise<void> {
    const {manifest, digest, interfaces} = pkg
    const {name, version, appVersion} = manifest
    const origin: PackageRef = {name, version, digest, ...(appVersion && {appVersion}), ...(repository && {repository})}
    const {allow, timeout, read} = this.#options
    const options = {
      adopt: false,
      retained: 'refuse',
      allow,
      createNamespace: false,
      wait: true,
      onFailure: 'keep',
      timeout,
      read,
    } as const
    const answers = mergeAnswers(manifest.parameters, {file, interfaces})
    await install(this.#lib, {ref, pkg, origin, answers, options}, () => undefined)
  }

  /** `ensure` and `remove`, each a second time on what it has done already: a resume does just that. */
  async #grant(endpoint: string): Promise<void> {
    const {kube, signal, now} = this.#lib
    const provider = this.#app
    const {interface: kind} = this.#pkg.manifest.provides[endpoint] ?? {interface: ''}
    const schema = this.#pkg.interfaces[kind]
    if (schema === undefined) return
    const use = {consumer: {namespace: provider.namespace, name: 'berth-test'}, parameter: endpoint}
    const made = Object.entries(schema.outputs).flatMap(([name, {generate}]) =>
      generate === undefined ? [] : [[name, generateSecret(generate)] as const],
    )
    const [secrets, verb] = [Object.fromEntries(made), 'ensure' as const]
    const held = {assertHeld: () => undefined, signal}
    const ensure = () =>
      provision(
        kube,
        {...use, provider, endpoint, interface: kind, request: {}},
        {...held, secrets, outputs: {}, verb, now: now()},
        (from, printed) => takeOutputs({provider, interface: kind}, {schema, secrets, verb}, from, printed),
      )
    const granted = await this.#step(`${endpoint}: ensure, twice, with the same outputs`, async () => {
      const [first, second] = [await ensure(), await ensure()]
      if (!isDeepStrictEqual(first, second))
        throw new UserError('binding.failed', {message: 'the second ensure printed other outputs than the first'})
    })
    if (!granted) return
    const anchor = await readAnchor(kube, provider, signal)
    const consumer = {...use.consumer, parameter: endpoint, id: consumerId(use)}
    const run = (script: 'remove' | 'ensureUser' | 'removeUser', input: object) =>
      runScript(kube, anchor, endpoint, script, {consumer, request: {}, secrets: {}, ...input}, signal)
    if (this.#pkg.manifest.provides[endpoint]?.grant?.ensureUser !== undefined)
      await this.#step(`${endpoint}: ensureUser with each access, and removeUser, twice`, async () => {
        const userOf = (access: string) => ({
          consumer: {...consumer, id: 'berth_test'},
          request: {database: consumer.id, access},
          secrets: {password: generateSecret({length: 32})},
        })
        for (const access of ['read', 'read', 'write', 'write', 'owner', 'owner'])
          await run('ensureUser', userOf(access))
        for (const access of ['owner', 'owner']) await run('removeUser', userOf(access))
      })
    await this.#step(`${endpoint}: remove, twice`, async () => {
      await release(kube, provider, use, {...held, deleteData: true})
      await run('remove', {})
    })
  }

  /** False where it failed as something of the package's can; an interruption and a defect go on up. */
  async #step(title: string, work: () => Promise<void>): Promise<boolean> {
    const {report, signal} = this.#lib
    const step = `${this.#test.name}: ${title}`
    report({type: 'step-started', step, title: step})
    try {
      await work()
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof BerthError)) throw error
      report({type: 'step-failed', step, title: step, message: error.message})
      this.#steps.push({title, passed: false, message: error.message})
      return false
    }
    report({type: 'step-done', step, title: step})
    this.#steps.push({title, passed: true, message: null})
    return true
  }
}

const unknownTest = (only: string[], all: TestCase[]): UserError =>
  new UserError('usage.invalid', {
    message: `the package has no test ${only.filter(name => !all.some(test => test.name === name)).join(', ')}`,
    hint: `there are: ${all.map(({name}) => name).join(', ')}`,
  })
