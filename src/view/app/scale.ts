import type {AppRef} from '../../lib/anchor/index.ts'
import type {Outcome, Plan, ScaleRow} from '../../lib/app/index.ts'
import {table} from '../table.ts'
import type {View} from '../terminal.ts'
import {operationView} from './plan.ts'

/** Counts of pods, after what was changed; null where nothing was to be. */
export interface ScaleResult {
  app: AppRef
  components: ScaleRow[]
  plan: Plan | null
  outcome: Outcome | null
}

export const scaleView: View<ScaleResult> = ({components, plan, outcome}, terminal) => {
  const rows = table<ScaleRow>(
    [
      {title: 'COMPONENT', cell: row => row.component ?? '-'},
      {title: 'KIND', cell: row => row.kind},
      {title: 'NOW', cell: row => row.now, align: 'right'},
      {title: 'READY', cell: row => row.ready, align: 'right'},
      {title: 'WANTED', cell: row => (row.afterStart === null ? row.wanted : `0 (${row.afterStart})`), align: 'right'},
      {title: 'MIN/MAX', cell: row => `${row.min}/${row.max}`},
      {title: 'AUTOSCALER', cell: ({autoscaler}) => (autoscaler === null ? '-' : wordsOf(autoscaler))},
      {title: 'SET BY', cell: row => row.by},
    ],
    components,
    terminal,
  )
  const shown = components.length === 0 ? 'nothing here has a count of pods' : rows
  return plan === null
    ? shown
    : [operationView({plan, outcome}, terminal), ...(outcome === null ? [] : ['', shown])].join('\n')
}

const wordsOf = ({min, max, metrics}: NonNullable<ScaleRow['autoscaler']>): string =>
  `${min}-${max} by ${metrics.join(', ')}`
