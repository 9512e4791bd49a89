import {isDeepStrictEqual} from 'node:util'
import {readAnchor} from '../anchor/index.ts'
import type {Lib} from '../app/index.ts'
import {
  consumerId,
  dumpUse,
  printedOutputs,
  provision,
  release,
  restoreUse,
  runScript,
  takeOutputs,
} from '../binding/index.ts'
import {UserError} from '../errors.ts'
import {generateSecret} from '../keys/index.ts'
import type {InterfaceSchema} from '../params/index.ts'
import type {GrantData} from './test-cases.ts'
import {runCheck, type Tested} from './test-checks.ts'
import type {Step} from './test-steps.ts'

/** What is tested of an endpoint, and how its scripts' data is made and looked at. */
export interface GrantTest {
  lib: Lib
  tested: Tested
  step: Step
  data: GrantData | undefined
}

/**
 * `ensure` and `remove`, each a second time on what it has done already: a resume does just that. In between `rotate`, where there is one,
 * with the `ensure` after which only its credential counts, people's logins, and what was dumped, restored into what is new.
 */
export async function testGrant({lib, tested, step, data}: GrantTest, endpoint: string): Promise<void> {
  const use = useOf(lib, tested, endpoint)
  if (use === undefined) return
  const {grant, consumer} = use
  let [secrets, outputs] = [use.secrets(), {}]
  const granted = await step(`${endpoint}: ensure, twice, with the same outputs`, async () => {
    outputs = await use.twice('ensure', secrets)
  })
  if (!granted) return
  if (grant.rotate !== undefined)
    await step(`${endpoint}: rotate, twice, and ensure with what it printed`, async () => {
      secrets = use.secrets()
      const rotated = await use.twice('rotate', secrets, outputs)
      if (!isDeepStrictEqual(await use.twice('ensure', secrets, rotated), rotated))
        throw failed('the ensure after it printed other outputs than rotate')
      outputs = rotated
    })
  const anchor = await readAnchor(lib.kube, tested.app, lib.signal)
  const run = (script: 'remove' | 'ensureUser' | 'removeUser', input: object) =>
    runScript(lib.kube, anchor, endpoint, script, {consumer, request: {}, secrets: {}, ...input}, lib.signal)
  if (grant.ensureUser !== undefined)
    await step(`${endpoint}: ensureUser with each access, and removeUser, twice`, async () => {
      const userOf = (access: string) => ({
        consumer: {...consumer, id: 'berth_test'},
        request: {database: consumer.id, access},
        secrets: {password: generateSecret({length: 32})},
      })
      for (const access of ['read', 'read', 'write', 'write', 'owner', 'owner']) await run('ensureUser', userOf(access))
      for (const access of ['owner', 'owner']) await run('removeUser', userOf(access))
    })
  const {dump, restore} = grant
  if (dump !== undefined && restore !== undefined)
    await step(`${endpoint}: dump, remove, ensure, restore, and the same data`, async () => {
      await use.look(data?.fill)
      const input = () => ({consumer, request: {}, secrets, outputs})
      const dumped = await dumpUse(lib.kube, anchor, endpoint, input(), lib.signal)
      await use.remove()
      secrets = use.secrets()
      outputs = await use.ask('ensure', secrets, {})
      await restoreUse(lib.kube, anchor, endpoint, {...input(), dump: dumped}, lib.signal)
      await use.look(data?.holds)
    })
  await step(`${endpoint}: remove, twice`, async () => {
    await use.remove()
    await run('remove', {})
  })
}

/**
 * Makes something for a consumer, and gives a test that the version after an upgrade still has it: the same outputs for the same secrets,
 * and its data.
 */
export async function holdGrant(
  {lib, tested, step, data}: GrantTest,
  endpoint: string,
): Promise<(test: GrantTest) => Promise<void>> {
  const use = useOf(lib, tested, endpoint)
  const secrets = use?.secrets() ?? {}
  let outputs = {}
  const granted = await step(`${endpoint}: ensure`, async () => {
    outputs = (await use?.ask('ensure', secrets, {})) ?? {}
    await use?.look(data?.fill)
  })
  return async ({tested: upgraded, step: next}) => {
    const after = useOf(lib, upgraded, endpoint)
    if (!granted || after === undefined) return
    await next(`${endpoint}: ensure after the upgrade, with the same outputs and data`, async () => {
      try {
        if (!isDeepStrictEqual(await after.ask('ensure', secrets, outputs), outputs))
          throw failed('it printed other outputs than the version before')
        await after.look(data?.holds)
      } finally {
        await after.remove()
      }
    })
  }
}

const failed = (message: string) => new UserError('binding.failed', {message})

/** A consumer that there is only in tests. */
function useOf({kube, signal, now}: Lib, tested: Tested, endpoint: string) {
  const {app: provider, manifest, interfaces} = tested
  const {interface: kind = '', grant} = manifest.provides[endpoint] ?? {}
  const schema: InterfaceSchema | undefined = interfaces[kind]
  if (schema === undefined || grant === undefined) return undefined
  const use = {consumer: {namespace: provider.namespace, name: 'berth-test'}, parameter: endpoint}
  const consumer = {...use.consumer, parameter: endpoint, id: consumerId(use)}
  const held = {assertHeld: () => undefined, signal}
  const request = {...use, provider, endpoint, interface: kind, request: {}}
  const provide = (verb: 'ensure' | 'rotate', secrets: Record<string, string>, before: Record<string, unknown>) =>
    provision(kube, request, {...held, secrets, outputs: printedOutputs(schema, before), verb, now: now()}, told =>
      takeOutputs({provider, interface: kind}, {schema, secrets, verb}, told),
    )
  return {
    grant,
    consumer,
    secrets: () =>
      Object.fromEntries(
        Object.entries(schema.outputs).flatMap(([name, {generate}]) =>
          generate === undefined ? [] : [[name, generateSecret(generate)] as const],
        ),
      ),
    /** @returns its plain outputs */
    ask: async (...what: Parameters<typeof provide>) => (await provide(...what)).plain,
    /** @returns what it printed, the same both times */
    twice: async (verb: 'ensure' | 'rotate', secrets: Record<string, string>, before = {}) => {
      const [first, second] = [await provide(verb, secrets, before), await provide(verb, secrets, before)]
      if (isDeepStrictEqual(first, second)) return first.plain
      throw failed(`the second ${verb} printed other outputs than the first`)
    },
    /** Runs a script of the tests in the pod in which those of the package run; `$1` is the consumer's id. */
    look: async (script: string | undefined) => {
      if (script === undefined) return
      const {component, container} = grant.run
      const run = `set -- ${consumer.id}\n${script}`
      const check = {name: '', exec: {component, run, ...(container !== undefined && {container})}, within: 0}
      const fault = await runCheck(tested, check)
      if (fault !== undefined) throw failed(fault)
    },
    remove: () => release(kube, provider, use, {...held, deleteData: true}),
  }
}
