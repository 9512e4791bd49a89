import type {BindingRequest} from '../../lib/binding/index.ts'
import {pairs} from '../table.ts'
import type {View} from '../terminal.ts'

export interface BindingsGranted {
  bindings: BindingRequest[]
  /** False under `--dry-run`: that is what is requested. */
  granted: boolean
}

export const bindingsGrantedView: View<BindingsGranted> = ({bindings, granted}, terminal) => {
  const blocks = bindings.map(({consumer, parameter, interface: kind, provider, endpoint, request, makes}) =>
    pairs(
      [
        ['app', `${consumer.namespace}/${consumer.name}`],
        ['parameter', parameter],
        ['provider', `${provider.namespace}/${provider.name} (${endpoint}, ${kind})`],
        ['makes', makes ?? 'nothing: it is only told the address'],
        ['request', Object.keys(request).length === 0 ? undefined : JSON.stringify(request)],
      ],
      terminal,
    ),
  )
  const [first] = bindings
  const {namespace, name} = first?.consumer ?? {namespace: '', name: ''}
  const done = `${terminal.paint.green('✓')} granted; berth app resume ${name} -n ${namespace} goes on with it`
  return [...blocks, ...(granted ? [done] : [])].join('\n')
}
