import type {ValueRow} from '../../lib/shared/index.ts'
import type {View} from '../terminal.ts'

export type SharedValue = ValueRow

export const sharedValueView: View<SharedValue> = ({value}, {paint}) =>
  value ?? paint.dim('(secret; --reveal prints it)')
