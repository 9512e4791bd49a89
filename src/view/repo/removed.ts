import type {Repository} from '../../lib/config/index.ts'
import type {View} from '../terminal.ts'

export type RepositoryRemoved = Repository

export const repositoryRemovedView: View<RepositoryRemoved> = ({name, location}, {paint}) =>
  `Forgot ${paint.bold(name)} (${location}).`
