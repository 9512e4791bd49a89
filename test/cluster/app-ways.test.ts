import {generateKeyPairSync} from 'node:crypto'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'chai'
import {Browser} from '../page/browser.ts'
import {FormPage} from '../page/form-page.ts'
import {apps, atMost, ended, endState, secretOf} from './apps.ts'
import {askedToLogIn, ingress, through, untilRouted} from './ingress.ts'
import {keys, Terminal} from './terminal.ts'

const run = apps()
const ways = ['terminal', 'flags', 'file', 'page'] as const
type WayName = (typeof ways)[number]

/** A key that is given is the same on every way, so that its public half can be compared; the other one is made. */
const signing = JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({format: 'jwk'}))
const admins = ['ann', 'bob']
const quotas = {ann: 5, bob: 7}

describe('an app with a key, a list, a dictionary, two databases, an OIDC client and the address of another app', function () {
  this.timeout(300_000)
  let browser: Browser | undefined
  let shared = ''
  let login = ''
  const spaces = {} as Record<WayName, string>
  const hostOf = (way: WayName) => `portal.${spaces[way]}.test`
  const install = (way: WayName) => ['app', 'install', 'portal', 'p', '-n', spaces[way]]
  const bound = () => ({
    records: `app:${shared}/postgres`,
    archive: `app:${shared}/mariadb`,
    login: `app:${shared}/oidc`,
    news: `app:${shared}/site`,
  })

  before(async function () {
    if (ingress === undefined) this.skip() // another cluster than the sandbox: its proxy is not in reach from here
    browser = await Browser.open()
    shared = await run.namespace('ways-shared')
    login = `login.${shared}.test`
    for (const way of ways) spaces[way] = await run.namespace('ways')
    const settings: Record<string, string[]> = {
      oidc: ['--set', `host=${login}`],
      site: ['--set', `host=site.${shared}.test`],
    }
    await atMost(
      2,
      ['postgres', 'mariadb', 'oidc', 'site'].map(name => async () => {
        ended(await run.berth(['app', 'install', name, '-n', shared, ...(settings[name] ?? []), '--yes', '--json']), 0)
      }),
    )
  })
  after(() => browser?.close())

  it('is installed from a form at a terminal', async () => {
    const home = await run.newHome()
    await writeFile(join(home, 'signing.jwk'), signing)
    const terminal = new Terminal(install('terminal'), {home})
    const {up, enter} = keys
    const add = up + enter
    await terminal.answer('Address', hostOf('terminal'))
    await terminal.see('generate')
    terminal.type(`read${enter}`)
    await terminal.answer('Path of the file', 'signing.jwk')
    await terminal.answer('Sealing key')
    await terminal.see('Administrators: 1 entry')
    terminal.type(up + up + enter)
    await terminal.answer('entry 1')
    await terminal.answer('Entry', admins[0])
    await terminal.see('Administrators: 1 entry')
    terminal.type(add)
    await terminal.answer('Entry', admins[1])
    await terminal.answer('Administrators: 2 entries')
    for (const [index, [name, quota]] of Object.entries(quotas).entries()) {
      await terminal.see(`Quotas: ${['empty', '1 entry'][index]}`)
      terminal.type(add)
      await terminal.answer('name of the new entry', name)
      await terminal.answer('Entry', String(quota))
    }
    await terminal.answer('Quotas: 2 entries')
    for (const [title, app] of Object.entries({Records: 'postgres', Archive: 'mariadb', Login: 'oidc', News: 'site'}))
      await terminal.choose(title, `${shared}/${app}`)
    await terminal.answer('yes, go on')
    await terminal.answer('Install Portal as', 'y')
    expect(await terminal.ended(), terminal.text).to.equal(0)
  })

  it('from flags', async () => {
    const said = Object.entries({host: hostOf('flags'), ...bound()}).flatMap(pair => ['--set', pair.join('=')])
    const many = ['--set', 'admins[0]=ann', '--set', 'admins[+]=bob', '--set', 'quotas.ann=5', '--set', 'quotas.bob=7']
    const secret = ['--set-env', 'signing=SIGNING']
    ended(
      await run.berth([...install('flags'), ...said, ...many, ...secret, '--yes', '--json'], {env: {SIGNING: signing}}),
      0,
    )
  })

  it('from an answers file', async () => {
    const file = {host: hostOf('file'), ...bound(), admins, quotas, signing}
    ended(await run.berth([...install('file'), '-f', '-', '--yes', '--json'], {stdin: JSON.stringify(file)}), 0)
  })

  it('from a page in a browser', async () => {
    if (browser === undefined) throw new Error('only after the browser is open')
    const page = await FormPage.open(browser, async (command, given) => {
      const words = ['app', command, 'portal', 'p', '-n', spaces.page, '-f', '-', '--json']
      return (await run.berth([...words, ...(command === 'install' ? ['--yes'] : [])], {stdin: given})).stdout
    })
    await page.type('/host', hostOf('page'))
    await page.choose('/signing', 'Type it')
    await page.type('/signing', signing)
    await page.type('/admins/0', 'ann')
    await page.add('/admins')
    await page.type('/admins/1', 'bob')
    for (const [name, quota] of Object.entries(quotas)) {
      await page.add('/quotas', name)
      await page.type(`/quotas/${name}`, String(quota))
    }
    for (const [name, provider] of Object.entries(bound())) await page.choose(`/${name}`, provider.slice('app:'.length))
    await page.click('#submit')
    await browser.see('output:not(:empty)')
    expect(await browser.texts('output')).to.deep.equal(['Installed p'])
    page.close()
  })

  it('stands the same, whichever way it came', async () => {
    const [first = '', ...others] = await Promise.all(ways.map(way => endState(run.kube, spaces[way], 'p')))
    expect(first).to.include('"Ingress"').and.to.include('ssh-ed25519 ')
    for (const [index, other] of others.entries()) expect(other, ways[index + 1]).to.equal(first)
  })

  for (const way of ways)
    it(`has got what it asked for: ${way}`, async () => {
      await untilRouted(hostOf(way))
      const said = JSON.parse((await through(hostOf(way), '/')).body)
      expect(said).to.deep.include({admins, quotas, issuer: `http://${login}`})
      expect(await askedToLogIn(login, said.client, `http://${hostOf(way)}/callback`)).to.equal(200)
      expect(JSON.parse((await secretOf(run.kube, spaces[way], 'p', 'signing.jwk')) ?? '{}').d).to.equal(
        JSON.parse(signing).d,
      )
      expect(Buffer.from((await secretOf(run.kube, spaces[way], 'p', 'sealing')) ?? '', 'base64')).to.have.length(32)
    })

  it('has keys of its own', async () => {
    const sealing = await Promise.all(ways.map(way => secretOf(run.kube, spaces[way], 'p', 'sealing')))
    expect(new Set(sealing).size).to.equal(ways.length)
  })
})
