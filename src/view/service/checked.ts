import type {ServiceCheck as Checked} from '../../lib/shared/index.ts'
import type {View} from '../terminal.ts'

export type ServiceCheck = Checked

export const serviceCheckView: View<ServiceCheck> = ({reachable, reason, message, from, tls}, {paint}) => {
  const verdict = reachable
    ? paint.green('reachable')
    : paint.red({tls: 'not to be trusted', login: 'does not let us in'}[reason as string] ?? 'not reachable')
  const secured = tls?.protocol && `\n${tls.protocol}, its certificate is good until ${tls.expires?.slice(0, 10)}`
  return `${verdict} from namespace ${from}: ${message}${secured ?? ''}`
}
