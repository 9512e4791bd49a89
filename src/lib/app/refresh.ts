import type {AppRef} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {ignoreRule} from '../package/index.ts'
import type {ChangeOptions, ChangeRequest, Lib} from './types.ts'
import {readPresent} from './update.ts'

/** Which fields of an app's objects are left to others from now on: rules to add, and to take away. */
export interface IgnoreChange {
  add: string[]
  remove: string[]
}

/**
 * An update of an app to the answers that it has: what these refer to may have changed, or others its objects.
 * @throws UserError `usage.invalid` for a rule that is none or is not there, and as {@link readPresent}
 */
export async function refreshRequest(
  lib: Lib,
  ref: AppRef,
  options: ChangeOptions,
  change: IgnoreChange = {add: [], remove: []},
): Promise<ChangeRequest> {
  const {pkg, origin, answers, revision} = await readPresent(lib, ref)
  const ignore = changedRules(revision.ignore, change)
  return {ref, pkg, origin, answers: {answers, errors: [], positions: new Map()}, ignore, options}
}

function changedRules(rules: string[], {add, remove}: IgnoreChange): string[] {
  const wrong = add.find(rule => !new RegExp(ignoreRule).test(rule))
  if (wrong !== undefined) throw badRule(`"${wrong}" is no rule: write Kind:field, or Kind/name:field`)
  const unknown = remove.find(rule => !rules.includes(rule))
  if (unknown !== undefined) throw badRule(`"${unknown}" is not ignored; what is: ${rules.join(', ') || 'nothing'}`)
  return [...new Set([...rules, ...add])].filter(rule => !remove.includes(rule))
}

const badRule = (message: string) =>
  new UserError('usage.invalid', {message, hint: '--ignore Deployment:spec.strategy   the field as plans name it'})
