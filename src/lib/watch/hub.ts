import type {AppChange, AppSnapshot, AppState} from './types.ts'

/** One event as it goes to every client that wants it: made once, whatever their number. */
export interface Message {
  id: number
  type: string
  app: string
  /** What a WebSocket gets. */
  json: Buffer
  /** The same as Server-Sent Events have it. */
  sse: Buffer
}

/** What a client asked for; an empty list is no restriction. */
export interface Filter {
  apps: string[]
  namespaces: string[]
  types: string[]
}

export interface Client {
  filter: Filter
  send(message: Message): void
  /** Bytes that it has not taken yet. */
  waiting(): number
  /** Says goodbye, and hangs up if it does not listen to that either. */
  end(why: 'slow' | 'closing'): void
}

/** What is kept of the past, for clients that come back. */
const pastBytes = 8 * 1024 * 1024
/** How far behind a client may be, beyond what it got at the beginning. */
const queueBytes = 1024 * 1024

/** Hands events to clients: each gets a snapshot, or what it missed, and then every change, in order and once. */
export class Hub {
  readonly #clients = new Map<Client, {mostBytes: number}>()
  readonly #states = new Map<string, AppState>()
  #past: Message[] = []
  #pastBytes = 0
  /** Every event after this one is in the past that is kept. */
  #from: number
  #last: number

  constructor({id, apps}: AppSnapshot) {
    for (const state of apps) this.#states.set(`${state.namespace}/${state.name}`, state)
    this.#from = id
    this.#last = id
  }

  get size(): number {
    return this.#clients.size
  }

  publish(change: AppChange): void {
    if (change.state === null) this.#states.delete(change.app)
    else this.#states.set(change.app, change.state)
    this.#last = change.id
    const message = messageOf(change, change.app)
    this.#keep(message)
    for (const [client, {mostBytes}] of this.#clients) {
      if (!wants(client.filter, message)) continue
      if (client.waiting() <= mostBytes) client.send(message)
      else this.#cut(client, 'slow')
    }
  }

  /** @param after the last event that the client has; undefined: it has none */
  add(client: Client, after: number | undefined): void {
    const known = after !== undefined && after >= this.#from && after <= this.#last
    const missed = known
      ? this.#past.filter(message => message.id > after && wants(client.filter, message))
      : [this.#snapshot(client.filter)]
    for (const message of missed) client.send(message)
    this.#clients.set(client, {mostBytes: client.waiting() + queueBytes})
  }

  remove(client: Client): void {
    this.#clients.delete(client)
  }

  close(): void {
    for (const client of this.#clients.keys()) this.#cut(client, 'closing')
  }

  #cut(client: Client, why: 'slow' | 'closing'): void {
    this.remove(client)
    client.end(why)
  }

  #keep(message: Message): void {
    this.#past.push(message)
    this.#pastBytes += message.json.length
    while (this.#pastBytes > pastBytes) {
      const gone = this.#past.shift()
      this.#from = gone?.id ?? this.#last
      this.#pastBytes -= gone?.json.length ?? this.#pastBytes
    }
  }

  #snapshot({apps, namespaces}: Filter): Message {
    const shown = [...this.#states].filter(([app]) => isOf({apps, namespaces}, app)).map(([, state]) => state)
    return messageOf({type: 'snapshot', id: this.#last, at: new Date().toISOString(), apps: shown}, '')
  }
}

const isOf = ({apps, namespaces}: Omit<Filter, 'types'>, app: string): boolean =>
  (apps.length === 0 || apps.includes(app)) &&
  (namespaces.length === 0 || namespaces.includes(app.slice(0, app.indexOf('/'))))

const wants = (filter: Filter, {app, type}: Message): boolean =>
  isOf(filter, app) && (filter.types.length === 0 || filter.types.includes(type))

function messageOf(event: AppChange | AppSnapshot, app: string): Message {
  const {id, type} = event
  const text = JSON.stringify(event)
  return {id, type, app, json: Buffer.from(text), sse: Buffer.from(`id: ${id}\nevent: ${type}\ndata: ${text}\n\n`)}
}
