import {randomBytes} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import {createObject, deleteObject, findObject, type Kube} from '../src/lib/kube/index.ts'

const write = {fieldManager: 'bench'}
const namespaceRef = (name: string) => ({apiVersion: 'v1', kind: 'Namespace', name})

/** The bench's own namespaces. */
export class Rooms {
  readonly #kube: Kube
  readonly #made: string[] = []
  readonly #prefix = `berth-bench-${randomBytes(3).toString('hex')}`

  constructor(kube: Kube) {
    this.#kube = kube
  }

  async make(purpose: string): Promise<string> {
    const name = `${this.#prefix}-${purpose}`
    this.#made.push(name)
    await createObject(this.#kube, {apiVersion: 'v1', kind: 'Namespace', metadata: {name}}, write)
    return name
  }

  /** One where no pod ever starts: containers of the last run would slow the next. */
  async makeWithoutPods(purpose: string): Promise<string> {
    const namespace = await this.make(purpose)
    const spec = {limits: [{type: 'Container', max: {memory: '1Mi'}}]}
    await createObject(
      this.#kube,
      {apiVersion: 'v1', kind: 'LimitRange', metadata: {name: 'no-pods', namespace}, spec},
      write,
    )
    return namespace
  }

  /** Deletes them with all that is in them, and waits until they are gone. */
  async clear(): Promise<void> {
    for (const name of this.#made) await deleteObject(this.#kube, namespaceRef(name))
    for (const name of this.#made) while (await findObject(this.#kube, namespaceRef(name))) await sleep(500)
  }
}
