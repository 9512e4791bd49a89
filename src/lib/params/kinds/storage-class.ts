import type {Choice, ChoiceLookup} from '../types.ts'
import {textKind} from './text.ts'

const form = {pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', example: 'standard', words: 'a name', maxLength: 253}

/** The name of a storage class; unset means the cluster's default. */
export const storageClass = textKind('storageClass', form, {
  widget: 'choice',
  choices: (_param, lookup) => storageClassChoices(lookup),
})

export async function storageClassChoices(lookup: ChoiceLookup): Promise<Choice[]> {
  const classes = await lookup.storageClasses()
  return classes.map(({name, default: byDefault}) => ({value: name, title: byDefault ? `${name} (default)` : name}))
}
