import {expect} from 'chai'
import {localHolder} from '../../src/cli/holder.ts'
import type {Lib} from '../../src/lib/app/index.ts'
import {readPresent, update} from '../../src/lib/app/index.ts'
import {apps, ended, inPod, secretOf} from './apps.ts'
import {askedToLogIn, ingress} from './ingress.ts'

describe('oidc: an interface that a package brings along', function () {
  this.timeout(180_000)
  const run = apps()
  let space = ''
  let login = ''
  const address = () => `wiki.${space}.test`
  const client = async () => (await inPod(run.kube, space, 'wiki', 'echo $CLIENT')).trim()

  before(async function () {
    if (ingress === undefined) this.skip() // another cluster than the sandbox: its proxy is not in reach from here
    space = await run.namespace('oidc')
    login = `login.${space}.test`
    for (const [name, host, ...more] of [
      ['oidc', login],
      ['wiki', address(), '--set', 'sso=app:oidc'],
    ] as const)
      ended(
        await run.berth(['app', 'install', name, '-n', space, '--set', `host=${host}`, ...more, '--yes', '--json']),
        0,
      )
  })

  const asked = (clientId: string, redirectUri: string) => askedToLogIn(login, clientId, redirectUri)

  it('makes a client for just the addresses that the consumer asks for', async () => {
    expect(await asked(await client(), `http://${address()}/callback`)).to.equal(200)
    expect(await asked(await client(), 'http://evil.test/callback')).to.equal(400)
    expect(await asked('nobody', `http://${address()}/callback`)).to.be.within(400, 499)
    expect((await inPod(run.kube, space, 'wiki', 'echo $ISSUER')).trim()).to.equal(`http://${login}`)
    expect(await secretOf(run.kube, space, 'wiki', 'sso.clientSecret')).to.match(/^\w{40}$/)
  })

  it('changes it when the consumer moves, and keeps its secret', async () => {
    const secret = await secretOf(run.kube, space, 'wiki', 'sso.clientSecret')
    const ref = {namespace: space, name: 'wiki'}
    const lib: Lib = {
      kube: run.kube,
      cluster: {domain: 'localhost', kubernetes: '1.34.4', ingressClass: null, storageClass: null},
      holder: localHolder('test'),
      isTrusted: async () => true,
      trust: async () => undefined,
      findPackage: () => Promise.reject(new Error('no answer names a package')),
      signal: new AbortController().signal,
      report: () => undefined,
      now: () => new Date(),
    }
    const {pkg, origin, answers} = await readPresent(lib, ref)
    const read = {file: () => Promise.reject(new Error('no files here')), env: () => undefined}
    const moved = {answers: {...answers, host: `moved.${space}.test`}, errors: [], positions: new Map()}
    const options = {adopt: false, allow: [], wait: true, timeout: 60_000, onFailure: 'keep', read} as const
    await update(lib, {ref, pkg, origin, answers: moved, options: {...options, allow: []}}, ({steps}) => {
      expect(steps.flatMap(step => (step.do === 'provision' ? step.parameter : []))).to.deep.equal(['sso'])
    })
    expect(await asked(await client(), `http://moved.${space}.test/callback`)).to.equal(200)
    expect(await asked(await client(), `http://${address()}/callback`)).to.equal(400)
    expect(await secretOf(run.kube, space, 'wiki', 'sso.clientSecret')).to.equal(secret)
  })

  it('removes it with the consumer', async () => {
    const id = await client()
    ended(await run.berth(['app', 'uninstall', 'wiki', '-n', space, '--delete-data', '--yes', '--json']), 0)
    expect(await asked(id, `http://moved.${space}.test/callback`)).to.be.within(400, 499)
  })
})
