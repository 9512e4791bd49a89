import type {LogEntry} from '../lib/app/index.ts'
import {table} from './table.ts'
import type {View} from './terminal.ts'
import {ago, duration, visible} from './words.ts'

/** What was done to apps, the newest first. */
export interface OperationLog {
  items: LogEntry[]
}

export const operationLogView: View<OperationLog> = ({items}, terminal) =>
  items.length === 0
    ? 'nothing is known to have been done here; berth log -A looks everywhere'
    : table<LogEntry>(
        [
          {title: 'WHEN', cell: entry => `${ago(entry.when, terminal.now)} ago`, align: 'right'},
          {title: 'APP', cell: entry => entry.app},
          {title: 'WHAT', cell: entry => visible(entry.kind)},
          {title: 'OUTCOME', cell: entry => entry.outcome},
          {title: 'TOOK', cell: entry => duration(entry.seconds * 1000), align: 'right'},
          {title: 'REVISION', cell: entry => entry.revision, align: 'right'},
          {title: 'PACKAGE', cell: entry => visible(entry.package ?? '')},
          {title: 'WHO', cell: entry => visible(entry.who), shrink: true},
          {title: 'MESSAGE', cell: entry => visible(entry.message?.split('\n')[0] ?? ''), shrink: true},
        ],
        items,
        terminal,
      )
