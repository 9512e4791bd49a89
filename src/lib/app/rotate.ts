import type {AppRef} from '../anchor/index.ts'
import {isRecord, objectName, secretFields, valueAt} from '../params/index.ts'
import {noSuchSecret, rotationRefused} from './errors.ts'
import {isIssued} from './identity.ts'
import type {Rotation} from './types.ts'
import type {Present} from './update.ts'

/**
 * What making a secret anew takes, as its package says.
 * @throws UserError `secret.not-found`, `rotation.refused` with what would be lost
 */
export function rotationOf(ref: AppRef, {pkg, answers, revision}: Present, name: string): Rotation {
  const {parameters, tasks} = pkg.manifest
  const refuse = (why: string, ...hint: string[]) => rotationRefused(ref, name, why, hint)
  const bindings = Object.keys(revision.bindings)
  const bound = bindings.find(parameter => name === parameter || name.startsWith(`${parameter}.`))
  if (bound !== undefined)
    throw refuse('its provider makes it', `berth binding rotate ${ref.name} ${bound} -n ${ref.namespace}`)
  const fields = secretFields(parameters, pkg.interfaces)
  const field = fields.find(each => each.name === name)
  if (field === undefined) throw noSuchSecret(ref, name, [...fields.map(each => each.name), ...bindings])
  const answer = valueAt(answers, name.split('.'))
  if (isRecord(answer) && '$issuer' in answer) {
    const prefix = objectName(ref.name, `${name}-issued`)
    const certificate = revision.inventory.find(member => isIssued(member) && member.name.startsWith(prefix))
    throw refuse(
      'cert-manager makes it, and renews it before it ends',
      `kubectl delete secret ${certificate?.name} -n ${ref.namespace}   it makes another at once`,
    )
  }
  const another = field.immutable
    ? 'it cannot be changed after the install: only an app that is installed anew has another'
    : `berth app config ${ref.name} -n ${ref.namespace} --set-env ${name}=VARIABLE   gives another one`
  if (!field.generated || answer !== undefined) throw refuse('it was given, so there is nothing to generate', another)
  const {rotate} = field
  if (rotate === 'never')
    throw refuse(
      `${pkg.manifest.name} says that it is never made anew: what was encrypted with it would be lost, or nothing would take the new one`,
      field.immutable
        ? another
        : `change it in ${pkg.manifest.name} itself, where it can; berth app config ${ref.name} -n ${ref.namespace} --set-env ${name}=VARIABLE then tells berth`,
    )
  if (rotate === 'restart') return {secrets: [name], tasks: []}
  const {task} = rotate
  if (tasks[task] === undefined)
    throw refuse(`its package wants task ${task} for that, and has none of this name`, another)
  return {secrets: [name], tasks: [task]}
}
