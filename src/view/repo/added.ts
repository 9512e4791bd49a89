import type {Repository} from '../../lib/config/index.ts'
import type {View} from '../terminal.ts'
import {count} from '../words.ts'

export interface RepositoryAdded extends Repository {
  /** How many packages it has now. */
  packages: number
}

export const repositoryAddedView: View<RepositoryAdded> = ({name, location, packages}, {paint}) =>
  [
    `Added ${paint.bold(name)}: ${location}, ${count(packages, 'package')}.`,
    packages === 0
      ? paint.yellow('It has no packages yet: folders with a package.yaml, or archives of berth package build.')
      : 'berth repo search shows them.',
  ].join('\n')
