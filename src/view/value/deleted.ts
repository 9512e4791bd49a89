import type {SharedRef} from '../../lib/shared/index.ts'
import type {View} from '../terminal.ts'

export type ValueDeleted = SharedRef

export const valueDeletedView: View<ValueDeleted> = ({namespace, name}, {paint}) =>
  `Deleted ${paint.bold(name)} of ${namespace}.`
