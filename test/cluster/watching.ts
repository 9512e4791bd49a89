import {expect} from 'chai'
import type {KubeObject} from '../../src/lib/kube/index.ts'
import type {AppChange, AppSnapshot, AppState, Listening} from '../../src/lib/watch/index.ts'
import {expectSchema} from '../cli/schema.ts'
import type {Apps, RunOptions} from './apps.ts'

/** An anchor without an app behind it: what a watch looks at. */
export const anchor = (namespace: string, name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: `berth.${name}`,
    namespace,
    labels: {
      'app.kubernetes.io/managed-by': 'berth',
      'berth.dev/kind': 'anchor',
      'berth.dev/app': name,
      'berth.dev/phase': 'running',
    },
    annotations: {'berth.dev/package': JSON.stringify({name: 'plain', version: '1.0.0'})},
  },
})

export type Event = AppSnapshot | AppChange

/** What a listener believes of each app, by the events alone; an event that does not fit what came before is a fault. */
export class Believed {
  readonly states = new Map<string, AppState>()
  readonly events: Event[] = []

  hear(event: Event): void {
    expect(event.id).to.be.greaterThan(this.events.at(-1)?.id ?? 0)
    this.events.push(event)
    if (event.type === 'snapshot') {
      this.states.clear()
      for (const state of event.apps) this.states.set(`${state.namespace}/${state.name}`, state)
      return
    }
    // Without a snapshot it goes on from what another has heard.
    if (this.events[0]?.type !== 'snapshot') return
    const before = this.states.get(event.app)
    if (event.type === 'installed') expect(before, event.app).to.equal(undefined)
    else expect(before, event.app).to.not.equal(undefined)
    if ('from' in event) expect(before?.[event.type], event.type).to.deep.equal(event.from)
    if (event.state === null) this.states.delete(event.app)
    else this.states.set(event.app, event.state)
  }

  changes(): AppChange[] {
    return this.events.filter(event => event.type !== 'snapshot')
  }

  types(): string[] {
    return this.events.map(({type}) => type)
  }
}

/** A `berth app watch --json` that is running: what it says, as it says it. */
export function watch(a: Apps, args: string[], options: RunOptions = {}) {
  const {child, done} = a.start(['app', 'watch', ...args, '--json'], options)
  const believed = new Believed()
  let listening: Listening | undefined
  let failure: unknown
  let rest = ''
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk
  })
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    try {
      for (const line of lines) {
        const document = JSON.parse(line) as {kind: string; result: Event | Listening}
        expectSchema(document.kind, document)
        if (document.result.type === 'listening') listening = document.result
        else believed.hear(document.result)
      }
    } catch (error) {
      failure ??= error
    }
  })
  const until = async (true_: () => boolean, what: string) => {
    for (let i = 0; i < 900 && !true_(); i++) {
      if (failure !== undefined) throw failure
      await Promise.race([new Promise(pass => setTimeout(pass, 50)), done])
      if (child.exitCode !== null && !true_()) throw new Error(`it ended before ${what}: ${JSON.stringify(await done)}`)
    }
    if (!true_()) throw new Error(`${what} did not come to pass: ${believed.types().join(' ')}; ${errors}`)
  }
  return {
    child,
    believed,
    until,
    /** Where it listens, once it does. */
    async listens(): Promise<string> {
      await until(() => listening !== undefined, 'listening')
      return listening?.url ?? ''
    },
    errors: () => errors,
    /** Ends it as a person does. */
    async end() {
      child.kill('SIGINT')
      const run = await done
      if (failure !== undefined) throw failure
      return run
    },
  }
}
