import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'

const chromium = '/usr/bin/chromium'
const chromedriver = '/usr/bin/chromedriver'
const options = [
  ...['headless', 'no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run', 'disable-background-networking'],
  ...['disable-component-update', 'disable-sync', 'disable-dev-shm-usage'],
]
/** The key under which WebDriver names an element (W3C WebDriver, section 12.1). */
const elementKey = 'element-6066-11e4-a52e-4f735466cecf'

/** A real Chromium without a window, driven over WebDriver as a person would: it clicks only what can be seen. */
export class Browser {
  readonly #driver: ChildProcess
  readonly #profile: string
  readonly #session: string

  /** @throws where the browser is not installed: `test/page/install-browser` does that for `make test` */
  static async open(): Promise<Browser> {
    if (![chromium, chromedriver].every(existsSync)) {
      throw new Error('this test needs a browser: apt-get install chromium chromium-driver')
    }
    const profile = await mkdtemp(join(tmpdir(), 'berth-chromium-'))
    const driver = spawn(chromedriver, ['--port=0'], {stdio: ['ignore', 'pipe', 'inherit']})
    const port = await portOf(driver)
    const args = [...options.map(option => `--${option}`), `--user-data-dir=${profile}`]
    const capabilities = {alwaysMatch: {'goog:chromeOptions': {binary: chromium, args}, timeouts: {implicit: 60_000}}}
    const base = `http://127.0.0.1:${port}/session`
    const {sessionId} = (await command('POST', base, {capabilities})) as {sessionId: string}
    return new Browser(driver, profile, `${base}/${sessionId}`)
  }

  private constructor(driver: ChildProcess, profile: string, session: string) {
    this.#driver = driver
    this.#profile = profile
    this.#session = session
  }

  /** Waits until there is such an element. */
  async see(selector: string): Promise<void> {
    await this.#find(selector)
  }

  async goTo(url: string): Promise<void> {
    await this.#post('url', {url})
  }

  async click(selector: string): Promise<void> {
    await this.#post(`element/${await this.#find(selector)}/click`, {})
  }

  /** In place of what stood there; leaving the field tells the page that it changed. */
  async type(selector: string, text: string): Promise<void> {
    const element = await this.#find(selector)
    await this.#post(`element/${element}/clear`, {})
    await this.#post(`element/${element}/value`, {text: `${text}\uE004`})
  }

  /** Takes the option of a select whose text begins like this. */
  async choose(selector: string, title: string): Promise<void> {
    await this.click(`${selector} select`)
    const titles = await this.run<string[]>(
      'return [...document.querySelector(arguments[0]).options].map(o => o.text)',
      `${selector} select`,
    )
    const index = titles.findIndex(text => text.startsWith(title))
    if (index < 0) throw new Error(`${selector} offers ${titles.join(', ')}, and not ${title}`)
    await this.click(`${selector} select option:nth-of-type(${index + 1})`)
  }

  /** The text that can be seen of each element. */
  texts(selector: string): Promise<string[]> {
    return this.run('return [...document.querySelectorAll(arguments[0])].map(e => e.innerText.trim())', selector)
  }

  /** Runs a script in the page. */
  async run<T>(script: string, ...args: unknown[]): Promise<T> {
    return (await this.#post('execute/sync', {script, args})) as T
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from((await command('GET', `${this.#session}/screenshot`)) as string, 'base64')
  }

  async close(): Promise<void> {
    await command('DELETE', this.#session)
    this.#driver.kill()
    await rm(this.#profile, {recursive: true, force: true, maxRetries: 5, retryDelay: 200})
  }

  async #find(selector: string): Promise<string> {
    const found = (await this.#post('element', {using: 'css selector', value: selector})) as Record<string, string>
    return found[elementKey] ?? ''
  }

  #post(path: string, body: object): Promise<unknown> {
    return command('POST', `${this.#session}/${path}`, body)
  }
}

async function command(method: string, url: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {method, ...(body && {body: JSON.stringify(body)})})
  const {value} = (await response.json()) as {value: unknown}
  if (response.ok) return value
  const {error, message} = value as {error: string; message: string}
  throw new Error(`${error}: ${message} (${method} ${url} ${JSON.stringify(body)})`)
}

/** It chooses a port itself, and says which. */
async function portOf(driver: ChildProcess): Promise<string> {
  if (driver.stdout === null) throw new Error('chromedriver was started without its output')
  for await (const line of createInterface(driver.stdout)) {
    const port = /started successfully on port (\d+)/.exec(line)?.[1]
    if (port === undefined) continue
    driver.stdout.resume()
    return port
  }
  throw new Error('chromedriver ended before it said its port')
}
