import type {AppRef} from '../../lib/anchor/index.ts'
import type {Outcome, Plan} from '../../lib/app/index.ts'
import type {View} from '../terminal.ts'
import {operationView, planView} from './plan.ts'

/** What became of one app of several. */
export interface AppOperated {
  app: AppRef
  plan: Plan
  /** Null under `--dry-run`, and where nothing was done. */
  outcome: Outcome | null
  error: {code: string; message: string; hint: string[]} | null
}

/** What a command ends with that changes whether apps run: each of them, in the order in which it was done. */
export interface AppsOperated {
  items: AppOperated[]
  /** Of all plans together; of the only one its own. */
  hash: string
}

export const appsOperatedView: View<AppsOperated> = ({items, hash}, terminal) => {
  const {paint} = terminal
  const lines = items.map(({app, plan, outcome, error}) => {
    if (error !== null) {
      const said = `${paint.red('✗')} ${paint.bold(`${app.namespace}/${app.name}`)}: ${error.message}`
      return [said, ...error.hint.map(hint => `  ${paint.cyan('→')} ${hint}`)].join('\n')
    }
    return operationView({plan, outcome}, terminal)
  })
  const planned = items.length > 1 && items.some(({plan, outcome}) => plan.changes && outcome === null)
  return [...lines, ...(planned ? [paint.dim(`hash of all ${hash}`)] : [])].join('\n')
}

/** All plans, before a person is asked. */
export const plansView = (plans: Plan[], terminal: Parameters<typeof planView>[1]): string =>
  plans.map(plan => planView({plan, outcome: null}, terminal)).join('\n')
