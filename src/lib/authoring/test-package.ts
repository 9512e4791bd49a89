import {type AppRef, type PackageRef, readAnchor, readRevisionSecret} from '../anchor/index.ts'
import {type ChangeOptions, install, type Lib, readPresent, uninstall, update} from '../app/index.ts'
import {UserError} from '../errors.ts'
import {type Package, whyNoTakeover} from '../package/index.ts'
import {mergeAnswers, migrateAnswers, type ReadSource} from '../params/index.ts'
import {type TestCase, testCases} from './test-cases.ts'
import {runCheck, type Tested} from './test-checks.ts'
import {holdGrant, testGrant} from './test-grants.ts'
import {leftIn, makeTestNamespace, objectsIn, removeAbandoned, removeTestNamespace} from './test-namespace.ts'
import {type Step, stepsOf, type TestStep} from './test-steps.ts'

export interface TestedPackage {
  name: string
  version: string
  passed: boolean
  tests: TestRun[]
  /** Namespaces of earlier runs that were killed, removed now. */
  removed: string[]
}

/** One answers file, installed as it is or, with `from`, by an upgrade from that version. */
export interface TestRun {
  name: string
  from: string | null
  passed: boolean
  seconds: number
  steps: TestStep[]
}

/** A package, and the repository that it is of. */
interface Found {
  package: Package
  repository: string | undefined
}

export interface TestOptions {
  /** Names of tests; all without. */
  only: string[]
  /** Versions to upgrade from. */
  former: Found[]
  /** What reaches beyond the namespace and is agreed to. */
  allow: string[]
  timeout: number
  read: ReadSource
  /** Finds the packages of providers. */
  find(name: string): Promise<Found>
}

/**
 * Installs a package with each of its answers files into a namespace of its own, runs its checks and its grant scripts (twice each),
 * uninstalls it with its data and looks what is left; and once more by an upgrade from each former version that has a test of that name.
 * The namespace goes, however it ends; after a kill, the next run removes it.
 * @throws UserError `package.invalid`, `params.invalid` for faulty tests; the signal's reason
 */
export async function testPackage(lib: Lib, pkg: Package, options: TestOptions): Promise<TestedPackage> {
  const {name, version} = pkg.manifest
  const all = testCases(pkg)
  const cases = options.only.length === 0 ? all : all.filter(test => options.only.includes(test.name))
  if (cases.length < options.only.length) throw unknownTest(options.only, all)
  const removed = await removeAbandoned(lib.kube, lib.holder, lib.now(), lib.signal)
  const upgrades = options.former.flatMap(former => {
    const found = testCases(former.package).flatMap(own => {
      const test = cases.find(({name}) => name === own.name)
      return test === undefined ? [] : [{test, former: {...former, test: own}}]
    })
    if (found.length === 0) lib.report({type: 'warning', message: noCommonTest(former.package, cases)})
    return found
  })
  const tests: TestRun[] = []
  for (const {test, former} of [...cases.map(test => ({test, former: undefined})), ...upgrades])
    tests.push(await new Run(lib, pkg, test, options, former).run())
  return {name, version, passed: tests.every(({passed}) => passed), tests, removed}
}

class Run {
  readonly #lib: Lib
  readonly #pkg: Package
  readonly #test: TestCase
  readonly #options: TestOptions
  readonly #former: (Found & {test: TestCase}) | undefined
  readonly #steps: TestStep[]
  readonly #step: Step
  #app: AppRef

  constructor(
    lib: Lib,
    pkg: Package,
    test: TestCase,
    options: TestOptions,
    former: (Found & {test: TestCase}) | undefined,
  ) {
    const installed = new Set<string>([pkg.digest, ...(former ? [former.package.digest] : [])])
    // What a test installs it may also run: nobody else has touched the namespace.
    this.#lib = {...lib, isTrusted: async ref => installed.has(ref.digest) || lib.isTrusted(ref)}
    this.#pkg = pkg
    this.#test = test
    this.#former = former
    this.#options = {
      ...options,
      find: async name => {
        const found = await options.find(name)
        installed.add(found.package.digest)
        return found
      },
    }
    const {steps, step} = stepsOf(former ? `${test.name} from ${former.package.manifest.version}` : test.name, lib)
    this.#steps = steps
    this.#step = step
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
    const from = this.#former?.package.manifest.version ?? null
    return {name: this.#test.name, from, passed, seconds: (now().getTime() - started) / 1000, steps: this.#steps}
  }

  async #inside(): Promise<void> {
    const {kube, signal} = this.#lib
    const {providers, answers} = this.#test
    const {namespace} = this.#app
    for (const [name, text] of Object.entries({...providers, ...this.#former?.test.providers})) {
      const installed = await this.#step(`installs ${text} as ${name}`, async () => {
        const none = {answers: {}, positions: new Map()}
        await this.#install({namespace, name}, await this.#options.find(text), none)
      })
      if (!installed) return
    }
    const before = await objectsIn(kube, namespace, signal)
    const first = this.#former ?? {package: this.#pkg, repository: undefined}
    const title = this.#former ? `installs ${first.package.manifest.version}` : 'installs'
    const said = this.#former?.test.answers ?? answers
    if (!(await this.#step(title, () => this.#install(this.#app, first, said)))) return
    for (const seed of this.#test.seed) await this.#check(first.package, {...seed, within: 0})
    if (!(await (this.#former ? this.#upgraded(this.#former) : this.#installed()))) return
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

  async #installed(): Promise<true> {
    for (const check of this.#test.checks) await this.#check(this.#pkg, check)
    for (const [endpoint, {grant}] of Object.entries(this.#pkg.manifest.provides))
      if (grant !== undefined) await testGrant(this.#grant(this.#pkg, endpoint), endpoint)
    return true
  }

  /** False where it came to no upgrade. */
  async #upgraded(former: Found): Promise<boolean> {
    const held: (() => Promise<void>)[] = []
    for (const [endpoint, {grant}] of Object.entries(former.package.manifest.provides)) {
      if (grant === undefined || this.#pkg.manifest.provides[endpoint]?.grant === undefined) continue
      const stillThere = await holdGrant(this.#grant(former.package, endpoint), endpoint)
      held.push(() => stillThere(this.#grant(this.#pkg, endpoint)))
    }
    const before = await this.#kept()
    if (!(await this.#step(`upgrades to ${this.#pkg.manifest.version}`, () => this.#upgrade(former)))) return false
    await this.#step('keeps its secrets and volumes', async () => {
      const after = await this.#kept()
      const lost = Object.keys(before).filter(
        name => after[name] !== before[name] && (name in after || name.startsWith(claimKind)),
      )
      if (lost.length > 0)
        throw new UserError('operation.failed', {message: `made anew, or no longer used: ${lost.join(', ')}`})
    })
    for (const check of this.#test.checks) await this.#check(this.#pkg, check)
    for (const test of held) await test()
    return true
  }

  /** Values of its secrets and uids of its claims, by name. A secret may go with its parameter, a claim never. */
  async #kept(): Promise<Record<string, string | undefined>> {
    const {kube, signal} = this.#lib
    const {current} = await readAnchor(kube, this.#app, signal)
    const {values} = await readRevisionSecret(kube, this.#app, current?.secret ?? '')
    // Claims stay in the inventory also where a version has them no more: `objects` are what it has.
    const claims = (current?.inventory ?? []).flatMap(({kind, namespace, name, uid}) =>
      kind === claimKind && current?.objects[`${kind}/${namespace}/${name}`] ? [[`${kind}/${name}`, uid]] : [],
    )
    return {...values, ...Object.fromEntries(claims)}
  }

  async #check(pkg: Package, check: TestCase['checks'][number]): Promise<void> {
    await this.#step(check.name, async () => {
      const fault = await runCheck(this.#tested(pkg), check)
      if (fault !== undefined) throw new UserError('operation.failed', {message: fault})
    })
  }

  #tested({manifest, interfaces}: Package): Tested {
    const {kube, signal} = this.#lib
    return {kube, app: this.#app, manifest, interfaces, signal}
  }

  #grant(pkg: Package, endpoint: string) {
    return {lib: this.#lib, tested: this.#tested(pkg), step: this.#step, data: this.#test.grants[endpoint]}
  }

  async #install(ref: AppRef, {package: pkg, repository}: Found, file: TestCase['answers']): Promise<void> {
    const answers = mergeAnswers(pkg.manifest.parameters, {file, interfaces: pkg.interfaces})
    const options = {...this.#changing(), retained: 'refuse', createNamespace: false} as const
    await install(this.#lib, {ref, pkg, origin: originOf(pkg, repository), answers, options}, () => undefined)
  }

  /** With the answers that there are, as this version takes them; only what is new to it is answered anew. */
  async #upgrade({package: former}: Found): Promise<void> {
    const {manifest, interfaces} = this.#pkg
    const {origin, answers: present} = await readPresent(this.#lib, this.#app)
    const why = whyNoTakeover(origin, manifest)
    if (why !== undefined) throw new UserError('operation.failed', {message: why})
    const {answers, errors} = migrateAnswers(manifest.migrations, origin.version, present)
    const isNew = (name: string) =>
      !Object.hasOwn(former.manifest.parameters.properties, name) &&
      manifest.parameters.properties[name]?.formerly === undefined
    const added = Object.fromEntries(Object.entries(this.#test.answers.answers).filter(([name]) => isNew(name)))
    const file = {answers, positions: new Map()}
    const merged = mergeAnswers(manifest.parameters, {present: added, file, interfaces})
    const request = {
      ref: this.#app,
      pkg: this.#pkg,
      origin: originOf(this.#pkg, undefined),
      answers: {...merged, errors: [...errors, ...merged.errors]},
      options: this.#changing(),
    }
    await update(this.#lib, request, () => undefined)
  }

  #changing(): ChangeOptions {
    const {allow, timeout, read} = this.#options
    return {adopt: false, allow, wait: true, onFailure: 'keep', timeout, read}
  }
}

const claimKind = 'PersistentVolumeClaim'

function originOf({manifest, digest}: Package, repository: string | undefined): PackageRef {
  const {name, version, appVersion} = manifest
  return {name, version, digest, ...(appVersion && {appVersion}), ...(repository && {repository})}
}

const noCommonTest = ({manifest: {name, version}}: Package, cases: TestCase[]): string =>
  `${name} ${version} has no test ${cases.map(test => test.name).join(' or ')}: no upgrade from it is tested`

const unknownTest = (only: string[], all: TestCase[]): UserError =>
  new UserError('usage.invalid', {
    message: `the package has no test ${only.filter(name => !all.some(test => test.name === name)).join(', ')}`,
    hint: `there are: ${all.map(({name}) => name).join(', ')}`,
  })
