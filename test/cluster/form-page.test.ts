import {expect} from 'chai'
import {Browser} from '../page/browser.ts'
import {FormPage} from '../page/form-page.ts'
import {apps, ended, endState, secretOf} from './apps.ts'
import {keys, Terminal} from './terminal.ts'

const run = apps()

/** What is answered, on every way: by flags, in a file, and in the browser. */
const answers = {
  title: 'My desk',
  motd: 'one\ntwo\n',
  level: 'error',
  poll: 30,
  feed: 'https://feeds.example.com/all',
  data: {size: '24Mi', class: 'local-path'},
  token: 'hunter2hunter2',
  mail: true,
  smtp: {host: 'mx', port: 587, tls: false},
  servers: [{name: 'web', tags: ['a', 'b']}, {name: 'db'}],
  labels: {'a.b/c': 'x'},
  cache: 9,
}

describe('one form: a page drawn from JSON alone, a terminal, flags and a file', function () {
  this.timeout(240_000)
  let browser: Browser
  let store = ''

  before(async () => {
    browser = await Browser.open()
    store = await run.namespace('page-store')
    ended(await run.berth(['app', 'install', 'store', 'st', '-n', store, '--yes']), 0)
  })
  after(() => browser?.close())

  /** The page in front of a namespace of its own. */
  const open = (namespace: string) =>
    FormPage.open(browser, async (command, given) => {
      const words = ['app', command, 'desk', 'd', '-n', namespace, '-f', '-', '--json']
      return (await run.berth([...words, ...(command === 'install' ? ['--yes'] : [])], {stdin: given})).stdout
    })

  it('has the fields in order, in their groups, with choices of the cluster', async () => {
    const page = await open(await run.namespace('page'))
    expect(await browser.texts('h1, #fields > fieldset > legend')).to.deep.equal([
      'Desk',
      '',
      'Storage',
      'Secrets',
      'Mail',
      '',
    ])
    expect(await browser.texts('#fields .field > label')).to.include.ordered.members([
      'Title',
      'Address',
      'Message of the day',
    ])
    expect(await browser.texts(`${page.field('/database')} option`))
      .to.include(`${store}/st (store 1.0.0)`)
      .and.to.include('a new Store (store 1.0.0)')
    expect(await browser.texts(`${page.field('/level')} option`)).to.deep.equal([
      'What matters (default)',
      'Everything',
      'What matters',
      'Errors',
    ])
    expect(await page.isShown('/smtp')).to.equal(false)
    await page.click(`${page.field('/mail')} input`)
    expect(await page.isShown('/smtp/host'), 'a condition became true').to.equal(true)
    expect(await page.isShown('/cache'), 'advanced').to.equal(false)
    page.close()
  })

  it('asks what a package asks that is to be installed first, and shows its errors there', async () => {
    const page = await open(await run.namespace('page'))
    const storage = '/database/answers/storage'
    expect(await browser.texts(page.field(storage))).to.deep.equal([])
    await page.choose('/database', 'a new PostgreSQL (postgres 1.1.0)')
    expect(await browser.texts(`${page.field(storage)} > label`)).to.deep.equal(['Storage'])
    expect(await browser.texts(page.field('/database/answers/maxConnections')), 'advanced').to.deep.equal([])
    await page.type(storage, 'much')
    await page.click('#submit')
    expect(await page.errorAt(storage)).to.include('must')
    await page.choose('/database', 'a new Store (store 1.0.0)')
    await page.click('#submit')
    expect(await page.errorAt('/database')).to.equal('')
    page.close()
  })

  it('shows each error at its field, and installs what the other ways install', async () => {
    const [byPage = '', ...otherwise] = await Promise.all(Array.from({length: 4}, () => run.namespace('way')))
    const others = installOtherwise(otherwise)
    const page = await open(byPage)
    await page.type('/title', 'x')
    await page.type('/poll', 'often')
    await page.add('/servers')
    await page.type('/servers/0/name', 'Web!')
    await page.click(`${page.field('/mail')} input`)
    await page.click('#submit')
    expect(await page.errorAt('/title')).to.equal('must have at least 2 characters')
    expect(await page.errorAt('/poll')).to.equal('must be a whole number, is text')
    expect(await page.errorAt('/database'))
      .to.include('is required')
      .and.to.include('new:store or new:postgres installs one')
    expect(await page.errorAt('/token')).to.equal('is required')
    expect(await page.errorAt('/smtp/host')).to.equal('is required')
    expect(await page.errorAt('/servers/0/name')).to.include('must match')

    await page.type('/title', answers.title)
    await page.type('/motd', answers.motd)
    await page.choose('/level', 'Errors')
    await page.type('/poll', '7')
    await page.choose('/database', `${store}/st`)
    await page.choose('/feed', 'Another')
    await page.type('/feed', answers.feed)
    await page.type('/data', '24Mi')
    await page.choose('/data', 'local-path (default)')
    await page.choose('/token', 'Type it')
    await page.type('/token', answers.token)
    await page.type('/smtp/host', 'mx')
    await page.type('/smtp/port', '587')
    await page.click(`${page.field('/smtp/tls')} input`)
    await page.type('/servers/0/name', 'web')
    for (const [index, tag] of ['a', 'b'].entries()) {
      await page.add('/servers/0/tags')
      await page.type(`/servers/0/tags/${index}`, tag)
    }
    await page.add('/servers')
    await page.type('/servers/1/name', 'db')
    await page.add('/labels', 'a.b/c')
    await page.type('/labels/a.b~1c', 'x')
    await page.click('summary')
    await page.type('/cache', '9')
    await page.click('#submit')
    expect(await page.errorAt('/cache'), 'a rule across fields').to.equal('Cache less than the minutes between polls')
    await page.type('/poll', '30')
    await page.click('#submit')
    await browser.see('output:not(:empty)')
    expect(await browser.texts('output')).to.deep.equal([`Installed d`])
    page.close()

    await others
    const [drawn, ...same] = await Promise.all([byPage, ...otherwise].map(space => endState(run.kube, space, 'd')))
    for (const other of same) expect(other).to.equal(drawn)
    expect(await secretOf(run.kube, byPage, 'd', 'token')).to.equal(answers.token)
  })

  const install = (namespace: string) => ['app', 'install', 'desk', 'd', '-n', namespace]

  async function installOtherwise([byFlags = '', byFile = '', atTerminal = '']: string[]): Promise<void> {
    const {motd, token, ...rest} = {...answers, database: `app:${store}/st`}
    const flags = Object.entries(rest).flatMap(([name, value]) =>
      typeof value === 'object' ? ['--set-json', `${name}=${JSON.stringify(value)}`] : ['--set', `${name}=${value}`],
    )
    const env = {TOKEN: token, MOTD: motd}
    const fromEnv = ['--set-env', 'token=TOKEN', '--set-env', 'motd=MOTD', '--yes']
    ended(await run.berth([...install(byFlags), ...flags, ...fromEnv], {env}), 0)
    ended(await run.berth([...install(byFile), '-f', '-', '--yes'], {stdin: JSON.stringify({motd, token, ...rest})}), 0)
    await installAtTerminal(atTerminal)
  }

  async function installAtTerminal(namespace: string): Promise<void> {
    const terminal = new Terminal(install(namespace), {home: await run.newHome()})
    const {enter, down, up} = keys
    await terminal.answer('Title', answers.title)
    await terminal.answer('Address')
    await terminal.answer('Message of the day', 'one')
    await terminal.answer('…', 'two')
    await terminal.answer('…')
    await terminal.answer('Level', down)
    await terminal.answer('Minutes between polls', '30')
    await terminal.choose('Database', store)
    await terminal.choose('Feed (optional)', 'another')
    await terminal.answer('service:name or new:package', answers.feed)
    await terminal.answer('Data: size (16Mi)', '24Mi')
    await terminal.answer('storage class', down)
    await terminal.answer('type it')
    await terminal.answer('Token', answers.token)
    await terminal.answer('Password')
    await terminal.answer('Signing key')
    await terminal.answer('Send mail', 'y')
    await terminal.answer('Host', 'mx')
    await terminal.answer('Port', '587')
    await terminal.answer('Encrypted', 'n')
    const add = up + enter
    await terminal.see('Servers: empty')
    terminal.type(add)
    await terminal.answer('Name', 'web')
    for (const [tag, so] of Object.entries({a: 'empty', b: '1 entry'})) {
      await terminal.see(`Tags (optional): ${so}`)
      terminal.type(add)
      await terminal.answer('Entry', tag)
    }
    await terminal.answer('Tags (optional): 2 entries')
    await terminal.see('Servers: 1 entry')
    terminal.type(add)
    await terminal.answer('Name', 'db')
    await terminal.answer('Tags (optional): empty')
    await terminal.answer('Servers: 2 entries')
    await terminal.see('Labels: empty')
    terminal.type(add)
    await terminal.answer('name of the new entry', 'a.b/c')
    await terminal.answer('Entry', 'x')
    await terminal.answer('Labels: 1 entry')
    await terminal.see('ask the advanced ones, too (1)')
    terminal.type(down + down + enter)
    await terminal.answer('Cache in MiB', '9')
    await terminal.answer('yes, go on')
    await terminal.answer('Install Desk as', 'y')
    expect(await terminal.ended(), terminal.text).to.equal(0)
  }
})
