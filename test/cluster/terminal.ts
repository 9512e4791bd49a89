import {execFile} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify, stripVTControlCharacters} from 'node:util'
import {spawn} from '@lydell/node-pty'
import {root} from '../cli/support.ts'

export const keys = {enter: '\r', down: '\x1b[B', up: '\x1b[A', escape: '\x1b', ctrlC: '\x03'}

interface TerminalOptions {
  home: string
  columns?: number
  rows?: number
  term?: string
}

const environment = (home: string, term: string) => {
  const {PATH, KUBECONFIG} = process.env
  return {PATH: PATH ?? '', KUBECONFIG: KUBECONFIG ?? '', HOME: home, LANG: 'C.UTF-8', TERM: term}
}

/** A shell as a person has one: it outlives Ctrl-C, says how berth ended, and how the terminal was left. */
const shellScript = (args: string[]) =>
  `trap : INT; ${[join(root, 'bin/berth'), ...args].map(word => `'${word}'`).join(' ')}; echo "EXIT $?"; stty -a; echo END`

/** The built binary, started by a shell in a pseudo-terminal: wait for words, then type. */
export class Terminal {
  readonly #pty: ReturnType<typeof spawn>
  #raw = ''
  #seen = 0

  constructor(args: string[], {home, columns = 80, rows = 24, term = 'xterm-256color'}: TerminalOptions) {
    const env = environment(home, term)
    this.#pty = spawn('sh', ['-c', shellScript(args)], {cols: columns, rows, cwd: home, env, name: term})
    this.#pty.onData(data => {
      this.#raw += data
    })
  }

  get text(): string {
    return stripVTControlCharacters(this.#raw).replaceAll('\r', '')
  }

  get raw(): string {
    return this.#raw
  }

  /** The shell; berth is its child. */
  get pid(): number {
    return this.#pty.pid
  }

  /** Waits for words after those waited for before. */
  async see(words: string): Promise<void> {
    for (let tries = 0; tries < 1500; tries++) {
      const at = this.text.indexOf(words, this.#seen)
      if (at >= 0) {
        this.#seen = at + words.length
        return sleep(80) // a prompt drops what was typed before it listens
      }
      await sleep(20)
    }
    throw new Error(`"${words}" did not appear after:\n${this.text.slice(-1500)}`)
  }

  async answer(words: string, text = ''): Promise<void> {
    await this.see(words)
    this.type(`${text}${keys.enter}`)
  }

  /** Finds a choice by its beginning among however many, and takes it once it is in sight. */
  async choose(words: string, beginning: string): Promise<void> {
    await this.see(words)
    this.type(beginning)
    await this.see(`❯ ${beginning}`)
    this.type(keys.enter)
  }

  type(text: string): void {
    this.#pty.write(text)
  }

  /** The exit code; the terminal must echo lines again, and show its cursor. */
  async ended(): Promise<number> {
    await this.see('END')
    const [, code, settings = ''] = /EXIT (\d+)\n(.*)END/s.exec(this.text) ?? []
    if (/-(icanon|echo|isig)\b/.test(settings)) throw new Error(`the terminal was left raw:\n${settings}`)
    if (this.#raw.lastIndexOf('\x1b[?25l') > this.#raw.lastIndexOf('\x1b[?25h')) throw new Error('the cursor is hidden')
    return Number(code)
  }

  /** Hangs up, as a closed window or a lost connection does. */
  hangUp(): void {
    // closes the master, which node-pty's types keep to themselves
    const {destroy} = this.#pty as unknown as {destroy(): void}
    destroy.call(this.#pty)
  }

  close(): void {
    this.#pty.kill()
  }
}

const run = promisify(execFile)

/** The same in tmux, which draws: what is on its screen is what a person sees. */
export class Tmux {
  readonly #socket: string
  readonly #home: string

  private constructor(socket: string, home: string) {
    this.#socket = socket
    this.#home = home
  }

  static async start(args: string[], {home, columns = 80, rows = 24}: TerminalOptions): Promise<Tmux> {
    const tmux = new Tmux(`berth-${randomBytes(4).toString('hex')}`, home)
    const size = ['-x', String(columns), '-y', String(rows)]
    await tmux.#do('new-session', '-d', ...size, `${shellScript(args)}; sleep 60`)
    return tmux
  }

  /** Is it installed? */
  static async isHere(): Promise<boolean> {
    return run('tmux', ['-V']).then(
      () => true,
      () => false,
    )
  }

  screen(): Promise<string> {
    return this.#do('capture-pane', '-p')
  }

  /** Waits until the words are on the screen. */
  async see(words: string): Promise<string> {
    for (let tries = 0; tries < 600; tries++) {
      const screen = await this.screen()
      if (screen.includes(words)) {
        await sleep(80)
        return screen
      }
      await sleep(50)
    }
    throw new Error(`"${words}" did not appear:\n${await this.screen()}`)
  }

  async type(...names: string[]): Promise<void> {
    await this.#do('send-keys', ...names)
  }

  async cursorIsShown(): Promise<boolean> {
    return (await this.#do('display-message', '-p', '#{cursor_flag}')).trim() === '1'
  }

  async close(): Promise<void> {
    await this.#do('kill-server')
  }

  async #do(...args: string[]): Promise<string> {
    const env = environment(this.#home, 'xterm-256color')
    const {stdout} = await run('tmux', ['-f', '/dev/null', '-L', this.#socket, ...args], {env})
    return stdout
  }
}
