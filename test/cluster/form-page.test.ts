import {expect} from 'chai'
import {Browser} from '../page/browser.ts'
import {servePage} from '../page/server.ts'
import {apps, ended, endState, secretOf} from './apps.ts'

const run = apps()

/** What is answered, on every way: by flags, in a file, and in the browser. */
const answers = {
  title: 'My desk',
  motd: 'one\ntwo',
  level: 'error',
  poll: 30,
  data: {size: '24Mi', class: 'local-path'},
  token: 'hunter2hunter2',
  mail: true,
  smtp: {host: 'mx', port: 587, tls: false},
  servers: [{name: 'web', tags: ['a', 'b']}, {name: 'db'}],
  labels: {'a.b/c': 'x'},
  cache: 9,
}

describe('a form drawn from JSON alone', function () {
  this.timeout(120_000)
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
      .and.to.include('a new store')
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

  it('shows each error at its field, and installs what flags and a file install', async () => {
    const [byPage, byFlags, byFile] = await Promise.all([
      run.namespace('way'),
      run.namespace('way'),
      run.namespace('way'),
    ])
    const others = installOtherwise(byFlags, byFile)
    const close = await open(byPage)
    await type('/title', 'x')
    await type('/poll', 'often')
    await add('/servers')
    await type('/servers/0/name', 'Web!')
    await click(`${field('/mail')} input`)
    await click('#submit')
    expect(await errorAt('/title')).to.equal('must have at least 2 characters')
    expect(await errorAt('/poll')).to.equal('must be a whole number, is text')
    expect(await errorAt('/database')).to.equal('is required')
    expect(await errorAt('/token')).to.equal('is required')
    expect(await errorAt('/smtp/host')).to.equal('is required')
    expect(await errorAt('/servers/0/name')).to.include('must match')

    await type('/title', answers.title)
    await type('/motd', answers.motd)
    await choose('/level', 'Errors')
    await type('/poll', '7')
    await choose('/database', `${store}/st`)
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
    const [page, ...same] = await Promise.all([byPage, byFlags, byFile].map(space => endState(run.kube, space, 'd')))
    for (const other of same) expect(other).to.equal(page)
    expect(await secretOf(run.kube, byPage, 'd', 'token')).to.equal(answers.token)
  })

  /** Two installs beside the one in the browser. */
  async function installOtherwise(byFlags: string, byFile: string): Promise<void> {
    const {motd, token, ...rest} = {...answers, database: `app:${store}/st`}
    const flags = Object.entries(rest).flatMap(([name, value]) =>
      typeof value === 'object' ? ['--set-json', `${name}=${JSON.stringify(value)}`] : ['--set', `${name}=${value}`],
    )
    const env = {TOKEN: token, MOTD: motd}
    const install = (namespace: string) => ['app', 'install', 'desk', 'd', '-n', namespace, '--yes']
    const fromEnv = ['--set-env', 'token=TOKEN', '--set-env', 'motd=MOTD']
    ended(await run.berth([...install(byFlags), ...flags, ...fromEnv], {env}), 0)
    ended(await run.berth([...install(byFile), '-f', '-'], {stdin: JSON.stringify({motd, token, ...rest})}), 0)
  }
})
