import {formatRef} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {isForbidden} from '../kube/index.ts'
import {inSet, type Place, together} from './errors.ts'

/** What is wrong in any app of a set: one that has a fault keeps none from being looked at, so that all is told together. */
export class Faults {
  /** By app, with the line of its declaration. Null: it cannot be planned only because one that it uses cannot be. */
  readonly #byApp = new Map<string, {line: number; error: UserError | null}>()

  /** Does the work for all at the same time, and gives what came of those in which nothing is wrong. */
  async of<T extends Place & {uses?: string[]}, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
    const before = new Set(this.#byApp.keys())
    const done = await Promise.all(
      all.map(async one => {
        try {
          return [await work(one)]
        } catch (error) {
          // A cluster that does not answer is no fault of an app.
          if (!(error instanceof UserError || isForbidden(error))) throw error
          const inherited = error.code.startsWith('binding.') && one.uses?.some(name => before.has(name))
          this.#byApp.set(formatRef(one.ref), {line: one.line ?? 0, error: inherited ? null : inSet(error, one)})
          return []
        }
      }),
    )
    return done.flat()
  }

  /** @throws UserError with all of them, in the order of the file */
  tell(): void {
    const inOrder = [...this.#byApp.values()].sort((one, other) => one.line - other.line)
    const found = inOrder.flatMap(({error}) => error ?? [])
    if (found.length > 0) throw together(found)
  }
}
