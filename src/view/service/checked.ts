import type {ServiceCheck as Checked} from '../../lib/shared/index.ts'
import type {View} from '../terminal.ts'

export type ServiceCheck = Checked

export const serviceCheckView: View<ServiceCheck> = ({reachable, message, from}, {paint}) =>
  `${reachable ? paint.green('reachable') : paint.red('not reachable')} from namespace ${from}: ${message}`
