import type {AppApplied, AppPlan, SetPlan} from '../lib/sets/index.ts'
import {planView, riskOf} from './app/plan.ts'
import type {Terminal, View} from './terminal.ts'
import {count} from './words.ts'

/** What `apply` did, or under `--dry-run` and `--check` would do: then there are no results. */
export interface ApplyResult {
  plan: SetPlan
  results: AppApplied[] | null
}

/** Why a set's plan wants a yes even from a program. */
export function setRisk({apps}: SetPlan): string | undefined {
  const gone = apps.filter(({change}) => change === 'uninstall')
  if (gone.length > 0) return `it uninstalls ${gone.map(({app}) => `${app.namespace}/${app.name}`).join(', ')}`
  return apps.map(({plan}) => riskOf(plan)).find(risk => risk !== undefined)
}

const name = ({app}: AppPlan): string => `${app.namespace}/${app.name}`

export function setPlanView(plan: SetPlan, terminal: Terminal): string {
  const changing = plan.apps.filter(({change}) => change !== 'none')
  return [
    ...changing.map(({plan}) => planView({plan, outcome: null}, terminal)),
    terminal.paint.dim(
      `set ${plan.set}: ${count(changing.length, 'app')} of ${plan.apps.length} change; hash ${plan.hash}`,
    ),
  ].join('\n\n')
}

const done = {install: 'installed', update: 'changed', none: 'is as it shall be', uninstall: 'uninstalled'} as const

export const applyView: View<ApplyResult> = ({plan, results}, terminal) => {
  const {paint} = terminal
  if (!plan.changes) return `nothing to change: ${count(plan.apps.length, 'app')} of ${plan.set} as they shall be`
  if (results === null) return setPlanView(plan, terminal)
  return results
    .map(result => {
      if (result.state === 'skipped') return `${paint.yellow('-')} ${name(result)} left: something before it failed`
      if (result.error !== null)
        return [
          `${paint.red('✗')} ${name(result)}: ${result.error.message}`,
          ...result.error.hint.map(hint => `  → ${hint}`),
        ].join('\n')
      const took = result.outcome === null ? '' : ` in ${result.outcome.seconds.toFixed(1)} s`
      return `${paint.green('✓')} ${name(result)} ${done[result.change]}${took}`
    })
    .join('\n')
}
