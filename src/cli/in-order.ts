import type {AppRef} from '../lib/anchor/index.ts'
import {formatRef, sameApp} from '../lib/anchor/index.ts'
import {inTheNameOf, type Lib, type Ordered, type Outcome, type Plan} from '../lib/app/index.ts'
import {BerthError} from '../lib/errors.ts'
import type {AppOperated} from '../view/app/operated.ts'

/** Does each app once those are done that it waits for; where one of them failed, it is left as it is. */
export async function inOrder(
  lib: Lib,
  levels: Ordered[][],
  first: 'users' | 'providers',
  planned: AppOperated[],
  work: (lib: Lib, ref: AppRef, plan: Plan) => Promise<Outcome>,
): Promise<AppOperated[]> {
  const items: AppOperated[] = []
  const apps = levels.flat()
  const waitsFor = ({ref, users}: Ordered) =>
    first === 'users' ? users : apps.filter(each => each.users.some(user => sameApp(user, ref))).map(each => each.ref)
  for (const level of levels) {
    const done = await Promise.all(
      level.map(async (each): Promise<AppOperated> => {
        const {ref} = each
        const item = planned.find(({app}) => sameApp(app, ref))
        if (item === undefined) throw new Error(`${formatRef(ref)} has no plan`)
        const {plan} = item
        const failed = items.find(({app, error}) => error !== null && waitsFor(each).some(other => sameApp(other, app)))
        if (failed !== undefined)
          return {
            ...item,
            error: {
              code: 'operation.failed',
              message: `left as it is, because ${formatRef(failed.app)} failed`,
              hint: [],
            },
          }
        if (!plan.changes) return item
        try {
          return {...item, outcome: await work(inTheNameOf(lib, ref), ref, plan)}
        } catch (error) {
          if (!(error instanceof BerthError) || lib.signal.aborted) throw error
          return {...item, error: {code: error.code, message: error.message, hint: error.hint}}
        }
      }),
    )
    items.push(...done)
  }
  return items
}
