import {randomBytes} from 'node:crypto'
import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {readerFor} from '../../cli/answers.ts'
import {AppCommand} from '../../cli/app-command.ts'
import type {Context} from '../../cli/cluster-command.ts'
import {wrongUsage} from '../../cli/errors.ts'
import {clusterFlags, listFlags} from '../../cli/flags.ts'
import {given} from '../../cli/given.ts'
import {write} from '../../cli/streams.ts'
import {type AppRef, isAppName} from '../../lib/anchor/index.ts'
import {isToken, serveEvents, watchApps} from '../../lib/watch/index.ts'
import {type AppEvent, appEventView} from '../../view/app/watch.ts'

const dependsOn = ['listen']

export default class AppWatch extends AppCommand<typeof AppWatch, AppEvent> {
  static override summary = 'follow how apps stand, until Ctrl-C; --listen serves it to front ends'
  static override description =
    'With --json one document a line: first how everything stands, then each change. --listen serves the same events as WebSocket and as Server-Sent Events at /events (docs/watching.md), to whoever has the token: without --token-env or --token-file one is made and told once on stderr.'
  static override examples = [
    {description: 'all apps of a namespace', command: 'berth app watch -n web'},
    {description: 'for a program', command: 'berth app watch news -n web --json'},
    {
      description: 'for a page at https://example.com',
      command: 'berth app watch -A --listen 127.0.0.1:8080 --token-file token --origin https://example.com',
    },
  ]
  static override args = {app: argument({description: 'only these: NAME or NAMESPACE/NAME', multiple: true})}
  static override flags = {
    ...clusterFlags,
    ...listFlags,
    listen: string({summary: 'serve the events there; port 0 is any that is free', helpValue: 'HOST:PORT'}),
    expose: boolean({summary: 'listen on an address that other machines reach, without TLS', dependsOn}),
    'token-env': string({
      summary: 'the environment variable that has the token which clients must show',
      helpValue: 'VARIABLE',
      dependsOn,
      exclusive: ['token-file'],
    }),
    'token-file': string({summary: 'the file that has it', helpValue: 'FILE', dependsOn}),
    origin: string({
      summary: 'pages of this origin may listen; without, only those of the very address that is listened on',
      helpValue: 'ORIGIN',
      multiple: true,
      dependsOn,
    }),
  }
  static override resultKind = 'AppEvent'
  static override view = appEventView

  async run(): Promise<AsyncIterable<AppEvent>> {
    const context = await this.context()
    const {kube, flags, args, signal, report} = context
    const events = watchApps(kube, {
      // `as`: the parser gives a list where an argument is `multiple`, its type does not say so.
      apps: ((args.app ?? []) as unknown as string[]).map(text => this.#named(text, context)),
      ...given({labelSelector: flags.selector, namespace: flags['all-namespaces'] ? undefined : kube.target.namespace}),
      signal,
      report,
      now: () => new Date(),
    })
    if (flags.listen === undefined) return events
    const {host, port} = this.#address(flags.listen, flags.expose)
    const origins = (flags.origin ?? []).map(text => this.#origin(text))
    return serveEvents(events, {host, port, token: await this.#token(context), origins, signal, report})
  }

  /** It becomes part of a selector. */
  #named(text: string, context: Context<typeof AppWatch>): AppRef {
    const ref = this.appRef(text, context)
    if (!isAppName(ref.name)) throw wrongUsage(`"${text}" cannot be the name of an app`, this.words)
    return ref
  }

  /** `HOST:PORT`, `[::1]:PORT`, `:PORT`. */
  #address(text: string, expose: boolean): {host: string; port: number} {
    const [, bracketed, plain, digits] = /^(?:\[([\da-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/i.exec(text) ?? []
    const host = bracketed ?? (plain || '127.0.0.1')
    const port = Number(digits)
    if (digits === undefined || port > 65535) throw wrongUsage(`--listen ${text} is no HOST:PORT`, this.words)
    if (/^(127(\.\d+){3}|::1|localhost)$/.test(host)) return {host, port}
    if (!expose) throw wrongUsage(`other machines reach ${host}: say --expose if they shall`, this.words)
    this.session.report({
      type: 'warning',
      message: `other machines reach ${host}:${port}, and nothing is encrypted: have a proxy with TLS in front of it`,
    })
    return {host, port}
  }

  #origin(text: string): string {
    const origin = URL.parse(text)?.origin
    if (origin === undefined || origin === 'null' || origin !== text.replace(/\/$/, ''))
      throw wrongUsage(`--origin ${text} is no origin such as https://example.com`, this.words)
    return origin
  }

  async #token({flags, settings}: Context<typeof AppWatch>): Promise<string> {
    const {'token-env': variable, 'token-file': path} = flags
    const read = readerFor(settings.paths.workDir, this.session.env)
    if (variable === undefined && path === undefined) {
      const token = randomBytes(24).toString('base64url')
      await write(process.stderr, `token: ${token}\n`)
      return token
    }
    const found =
      path === undefined
        ? read.env(variable ?? '')
        : await Promise.resolve(read.file(path)).catch((error: Error) => {
            throw wrongUsage(`the token cannot be read: ${error.message}`, this.words)
          })
    const token = String(found ?? '').trim()
    if (!isToken(token))
      throw wrongUsage(`${path ?? `$${variable}`} holds no token: at least 16 letters, digits and -._~`, this.words, [
        'openssl rand -hex 32',
      ])
    return token
  }
}
