import type {AppRef} from '../anchor/index.ts'
import {formatRef, readAnchor} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {didYouMean} from '../nearest.ts'
import {refreshRequest} from './refresh.ts'
import type {ChangeOptions, ChangeRequest, Lib} from './types.ts'

interface Renewal extends Pick<ChangeOptions, 'timeout' | 'onDrift'> {
  verb: 'ensure' | 'rotate'
  /** All of its bindings to apps if none is named. */
  parameters: string[]
}

/**
 * The change of an app that asks providers again, all else being the same: `ensure` for what they say of themselves now, `rotate` for
 * another credential.
 * @throws UserError `binding.not-found`, and as `readPresent`
 */
export async function renewRequest(lib: Lib, ref: AppRef, {verb, parameters, ...how}: Renewal): Promise<ChangeRequest> {
  // Agreed to when it was installed; the journal of a rotation ends only when every pod runs with what is new.
  const read = {file: () => Promise.reject(new Error('kept answers name no files')), env: () => undefined}
  const options: ChangeOptions = {adopt: false, allow: ['all'], wait: true, onFailure: 'keep', read, ...how}
  const request = await refreshRequest(lib, ref, options)
  const {pkg} = request
  const {current} = await readAnchor(lib.kube, ref, lib.signal)
  const bound = Object.entries(current?.bindings ?? {}).flatMap(([name, {provider}]) =>
    'app' in provider ? [name] : [],
  )
  const unknown = parameters.find(name => !bound.includes(name))
  if (unknown !== undefined || bound.length === 0) throw notBound(ref, unknown, bound)
  const chosen = parameters.length === 0 ? bound : parameters
  // What berth makes for a binding is made anew with it.
  const secrets = chosen.flatMap(parameter => {
    const outputs = pkg.interfaces[current?.bindings[parameter]?.interface ?? '']?.outputs ?? {}
    return Object.keys(outputs).flatMap(name => (outputs[name]?.generate ? [`${parameter}.${name}`] : []))
  })
  return {
    ...request,
    renew: Object.fromEntries(chosen.map(name => [name, verb])),
    ...(verb === 'rotate' && {rotate: {secrets, tasks: []}}),
  }
}

function notBound(ref: AppRef, parameter: string | undefined, bound: string[]): UserError {
  const there = bound.length === 0 ? 'it is bound to no other app' : `it has: ${bound.join(', ')}`
  return new UserError('binding.not-found', {
    message: `${formatRef(ref)} has no binding${parameter === undefined ? '' : ` ${parameter}`} to another app`,
    details: {app: formatRef(ref), parameter: parameter ?? null, bindings: bound},
    hint: (parameter === undefined ? undefined : didYouMean(parameter, bound)) ?? there,
  })
}
