import type {SharedRef} from '../../lib/shared/index.ts'
import type {View} from '../terminal.ts'

export type ServiceRemoved = SharedRef

export const serviceRemovedView: View<ServiceRemoved> = ({namespace, name}, {paint}) =>
  `Forgot service ${paint.bold(name)} of ${namespace}.`
