import type {AppRow, RetainedRow} from '../../lib/app/index.ts'
import {table} from '../table.ts'
import type {Names, Terminal, View} from '../terminal.ts'
import {ago, listOf} from '../words.ts'

export interface AppList {
  items: AppRow[]
  /** With `--retained`: data of uninstalled apps; null otherwise. */
  retained: RetainedRow[] | null
}

export const appListNames: Names<AppList> = ({items, retained}) =>
  retained === null
    ? items.map(row => `${row.namespace}/${row.name}`)
    : retained.map(({app}) => `${app.namespace}/${app.name}`)

export const appListView: View<AppList> = ({items, retained}, terminal) => {
  if (retained !== null) return retainedView(retained, terminal)
  if (items.length === 0) return 'no such apps here; berth app list -A looks everywhere'
  return table<AppRow>(
    [
      {title: 'NAMESPACE', cell: row => row.namespace},
      {title: 'NAME', cell: row => row.name},
      {title: 'PACKAGE', cell: row => `${row.package} ${row.version}`, shrink: true},
      {title: 'APP', cell: row => row.appVersion ?? ''},
      ...(items.some(({newest}) => newest !== undefined) ? [{title: 'NEWEST', cell: (row: AppRow) => row.newest}] : []),
      {title: 'PHASE', cell: row => row.phase},
      {title: 'READY', cell: row => (row.ready === null ? '?' : `${row.ready.now}/${row.ready.wanted}`)},
      {title: 'PROVIDES', cell: row => Object.values(row.provides).join(','), shrink: true},
      {title: 'USES', cell: row => row.uses.join(','), wide: true},
      {title: 'OWNER', cell: row => row.owner ?? '', wide: true},
      {title: 'DOING', cell: row => row.operation ?? '', wide: true},
      {title: 'AGE', cell: row => ago(row.created, terminal.now), align: 'right'},
    ],
    items,
    terminal,
  )
}

function retainedView(rows: RetainedRow[], terminal: Terminal): string {
  if (rows.length === 0) return 'no data of uninstalled apps is kept here'
  return table<RetainedRow>(
    [
      {title: 'NAMESPACE', cell: row => row.app.namespace},
      {title: 'NAME', cell: row => row.app.name},
      {title: 'PACKAGE', cell: row => row.package},
      {
        title: 'KEPT',
        cell: row =>
          listOf([
            ...row.claims.map(name => `volume ${name}`),
            ...row.bindings.map(name => `data of ${name}`),
            'secrets',
          ]),
        shrink: true,
      },
      {title: 'SINCE', cell: row => ago(row.since, terminal.now), align: 'right'},
    ],
    rows,
    terminal,
  )
}
