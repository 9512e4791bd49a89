import type {Choice, ChoiceLookup} from '../types.ts'
import {textKind} from './text.ts'

const form = {pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', words: 'a name', maxLength: 253}

async function named(names: Promise<string[]>): Promise<Choice[]> {
  return (await names).map(name => ({value: name, title: name}))
}

/** The name of a storage class; unset means the cluster's default. */
export const storageClass = textKind(
  'storageClass',
  {...form, example: 'standard'},
  {widget: 'choice', choices: (_param, lookup) => storageClassChoices(lookup)},
)

/** The name of a node. */
export const node = textKind(
  'node',
  {...form, example: 'worker-1'},
  {widget: 'choice', choices: (_param, lookup) => named(lookup.nodes())},
)

/** The name of a namespace. */
export const namespace = textKind(
  'namespace',
  {...form, pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$', maxLength: 63, example: 'monitoring'},
  {widget: 'choice', choices: (_param, lookup) => named(lookup.namespaces())},
)

export async function storageClassChoices(lookup: ChoiceLookup): Promise<Choice[]> {
  const classes = await lookup.storageClasses()
  return classes.map(({name, default: byDefault}) => ({value: name, title: byDefault ? `${name} (default)` : name}))
}
