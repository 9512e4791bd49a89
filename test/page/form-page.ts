import type {Browser} from './browser.ts'
import {servePage} from './server.ts'

/** Runs `berth app COMMAND …` with the answers on stdin, and gives back what it printed. */
export type BerthForPage = (command: 'form' | 'validate' | 'install', answers: string) => Promise<string>

/** The page in front of one app: filled as a person fills it, each step awaited until the page has followed. */
export class FormPage {
  readonly #browser: Browser
  readonly close: () => void

  private constructor(browser: Browser, close: () => void) {
    this.#browser = browser
    this.close = close
  }

  static async open(browser: Browser, berth: BerthForPage): Promise<FormPage> {
    const {url, close} = await servePage({
      form: answers => berth('form', answers),
      validate: answers => berth('validate', answers),
      install: answers => berth('install', answers),
    })
    await browser.goTo(url)
    const page = new FormPage(browser, close)
    await page.#settled()
    return page
  }

  field(pointer: string): string {
    return `[data-field="${pointer}"]`
  }

  isShown(pointer: string): Promise<boolean> {
    return this.#browser.run('return document.querySelector(arguments[0]).checkVisibility()', this.field(pointer))
  }

  async errorAt(pointer: string): Promise<string | undefined> {
    return (await this.#browser.texts(`${this.field(pointer)} > .error`))[0]
  }

  async type(pointer: string, text: string): Promise<void> {
    await this.#browser.type(`${this.field(pointer)} :is(input, textarea)`, text)
    await this.#settled()
  }

  async choose(pointer: string, title: string): Promise<void> {
    await this.#browser.choose(this.field(pointer), title)
    await this.#settled()
  }

  async click(selector: string): Promise<void> {
    await this.#browser.click(selector)
    await this.#settled()
  }

  /** One more entry of a list; of a dictionary, under this name. */
  async add(pointer: string, name?: string): Promise<void> {
    if (name !== undefined) await this.#browser.type(`${this.field(pointer)} input[placeholder=name]`, name)
    await this.click(`${this.field(pointer)} > div > button:last-child`)
  }

  async #settled(): Promise<void> {
    await this.#browser.see('form[aria-busy="false"]')
  }
}
