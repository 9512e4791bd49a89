import type {PackageSummary} from '../../lib/repo/index.ts'
import {table} from '../table.ts'
import type {Names, View} from '../terminal.ts'

export interface PackageList {
  items: PackageSummary[]
}

export const packageListView: View<PackageList> = ({items}, terminal) =>
  items.length === 0
    ? 'No packages found.'
    : table(
        [
          {title: 'NAME', cell: ({repository, name}) => `${repository}/${name}`},
          {title: 'VERSION', cell: ({version}) => version},
          {title: 'APP', cell: ({appVersion}) => appVersion ?? '-'},
          {title: 'DESCRIPTION', cell: ({title, description}) => description ?? title, shrink: true},
          {title: 'VERSIONS', cell: ({versions}) => versions.join(' '), wide: true},
          {title: 'LOCATION', cell: ({location}) => location, wide: true},
        ],
        items,
        terminal,
      )

export const packageListNames: Names<PackageList> = ({items}) =>
  items.map(({repository, name}) => `${repository}/${name}`)
