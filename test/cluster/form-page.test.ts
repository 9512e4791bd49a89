import {expect} from 'chai'
import {Browser} from '../page/browser.ts'
import {servePage} from '../page/server.ts'
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
  async function open(namespace: string): Promise<() => void> {
    const berth =
      (command: string, ...more: string[]) =>
      async (given: string) =>
        (await run.berth(['app', command, 'desk', 'd', '-n', namespace, '-f', '-', '--json', ...more], {stdin: given}))
          .stdout
    const {url, close} = await servePage({
      form: berth('form'),
      validate: berth('validate'),
      install: berth('install', '--yes'),
    })
    await browser.goTo(url)
    await settled()
    return close
  }

  const field = (pointer: string) => `[data-field="${pointer}"]`
  const settled = () => browser.see('form[aria-busy="false"]')
  const isShown = (pointer: string) =>
    browser.run<boolean>('return document.querySelector(arguments[0]).checkVisibility()', field(pointer))
  const errorAt = async (pointer: string) => (await browser.texts(`${field(pointer)} > .error`))[0]
  async function type(pointer: string, text: string): Promise<void> {
    await browser.type(`${field(pointer)} :is(input, textarea)`, text)
    await settled()
  }
  async function choose(pointer: string, title: string): Promise<void> {
    await browser.choose(field(pointer), title)
    await settled()
  }
  async function click(selector: string): Promise<void> {
    await browser.click(selector)
    await settled()
  }
  const add = (pointer: string) => click(`${field(pointer)} > div > button:last-child`)

  it('has the fields in order, in their groups, with choices of the cluster', async () => {
    const close = await open(await run.namespace('page'))
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
    expect(await browser.texts(`${field('/database')} option`))
      .to.include(`${store}/st (store 1.0.0)`)
      .and.to.include('a new Store (store 1.0.0)')
    expect(await browser.texts(`${field('/level')} option`)).to.deep.equal([
      'What matters (default)',
      'Everything',
      'What matters',
      'Errors',
    ])
    expect(await isShown('/smtp')).to.equal(false)
    await click(`${field('/mail')} input`)
    expect(await isShown('/smtp/host'), 'a condition became true').to.equal(true)
    expect(await isShown('/cache'), 'advanced').to.equal(false)
    close()
  })

  it('asks what a package asks that is to be installed first, and shows its errors there', async () => {
    const close = await open(await run.namespace('page'))
    const storage = '/database/answers/storage'
    expect(await browser.texts(field(storage))).to.deep.equal([])
    await choose('/database', 'a new PostgreSQL (postgres 1.0.0)')
    expect(await browser.texts(`${field(storage)} > label`)).to.deep.equal(['Storage'])
    expect(await browser.texts(field('/database/answers/maxConnections')), 'advanced').to.deep.equal([])
    await type(storage, 'much')
    await click('#submit')
    expect(await errorAt(storage)).to.include('must')
    await choose('/database', 'a new Store (store 1.0.0)')
    await click('#submit')
    expect(await errorAt('/database')).to.equal('')
    close()
  })

  it('shows each error at its field, and installs what the other ways install', async () => {
    const [byPage = '', ...otherwise] = await Promise.all(Array.from({length: 4}, () => run.namespace('way')))
    const others = installOtherwise(otherwise)
    const close = await open(byPage)
    await type('/title', 'x')
    await type('/poll', 'often')
    await add('/servers')
    await type('/servers/0/name', 'Web!')
    await click(`${field('/mail')} input`)
    await click('#submit')
    expect(await errorAt('/title')).to.equal('must have at least 2 characters')
    expect(await errorAt('/poll')).to.equal('must be a whole number, is text')
    expect(await errorAt('/database'))
      .to.include('is required')
      .and.to.include('new:store installs one')
    expect(await errorAt('/token')).to.equal('is required')
    expect(await errorAt('/smtp/host')).to.equal('is required')
    expect(await errorAt('/servers/0/name')).to.include('must match')

    await type('/title', answers.title)
    await type('/motd', answers.motd)
    await choose('/level', 'Errors')
    await type('/poll', '7')
    await choose('/database', `${store}/st`)
    await choose('/feed', 'Another')
    await type('/feed', answers.feed)
    await type('/data', '24Mi')
    await choose('/data', 'local-path (default)')
    await choose('/token', 'Type it')
    await type('/token', answers.token)
    await type('/smtp/host', 'mx')
    await type('/smtp/port', '587')
    await click(`${field('/smtp/tls')} input`)
    await type('/servers/0/name', 'web')
    for (const [index, tag] of ['a', 'b'].entries()) {
      await add('/servers/0/tags')
      await type(`/servers/0/tags/${index}`, tag)
    }
    await add('/servers')
    await type('/servers/1/name', 'db')
    await browser.type(`${field('/labels')} input[placeholder=name]`, 'a.b/c')
    await add('/labels')
    await type('/labels/a.b~1c', 'x')
    await click('summary')
    await type('/cache', '9')
    await click('#submit')
    expect(await errorAt('/cache'), 'a rule across fields').to.equal('Cache less than the minutes between polls')
    await type('/poll', '30')
    await click('#submit')
    await browser.see('output:not(:empty)')
    expect(await browser.texts('output')).to.deep.equal([`Installed d`])
    close()

    await others
    const [page, ...same] = await Promise.all([byPage, ...otherwise].map(space => endState(run.kube, space, 'd')))
    for (const other of same) expect(other).to.equal(page)
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
    // the beginning of a choice finds it
    await terminal.answer('Database', store)
    await terminal.answer('Feed (optional)', 'another')
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
