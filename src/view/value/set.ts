import type {SharedUser, ValueSet as WasSet} from '../../lib/shared/index.ts'
import type {View} from '../terminal.ts'

/** An app that uses the value: does it have it now? */
export interface Reached extends SharedUser {
  /** `waiting`: until it is changed. */
  state: 'waiting' | 'rolled' | 'failed'
  error: {code: string; message: string} | null
}

export interface ValueSet extends Omit<WasSet, 'users'> {
  /** Null where nobody can tell. */
  users: Reached[] | null
}

const did = {created: 'Made', changed: 'Changed', none: 'Kept'} as const

export const valueSetView: View<ValueSet> = ({name, namespace, change, users}, {paint}) => {
  const lines = (users ?? []).map(({app, parameters, state, error}) => {
    const what = `${app.namespace}/${app.name} (${parameters.join(', ')})`
    if (state === 'failed') return paint.red(`  ${what}: ${error?.message}`)
    return `  ${what}: ${state === 'rolled' ? 'has it' : 'waits until it is changed'}`
  })
  const waiting = users?.some(({state}) => state === 'waiting')
  return [
    `${did[change]} ${paint.bold(name)} in ${namespace}${change === 'none' ? ' as it is' : ''}.`,
    ...lines,
    ...(waiting ? ['The same command with --roll brings it to them now.'] : []),
  ].join('\n')
}
