import type {Revocation} from '../../lib/binding/index.ts'
import type {View} from '../terminal.ts'

export interface BindingRevoked extends Revocation {
  /** False under `--dry-run`. */
  revoked: boolean
}

export const bindingRevokedView: View<BindingRevoked> = (result, {paint}) => {
  const {consumer, parameter, provider, data, inUse, revoked} = result
  const app = `${consumer.namespace}/${consumer.name}`
  const at = `${parameter} of ${app} at ${provider.namespace}/${provider.name}`
  const fate = {
    kept: 'its login is shut, its data is kept',
    deleted: paint.red('its login and its data are deleted'),
    none: 'there it has nothing of its own',
  }[data]
  const hurt =
    inUse === false
      ? []
      : [
          paint.yellow(
            `! ${app} ${inUse === null ? 'may run' : 'runs'} with it and ${inUse === null ? 'would' : 'will'} fail`,
          ),
        ]
  return [`${revoked ? `${paint.green('✓')} revoked` : paint.red('-')} ${at}: ${fate}`, ...hurt].join('\n')
}
