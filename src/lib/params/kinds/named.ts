import {textKind} from './text.ts'

const form = {pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', words: 'a name', maxLength: 253}

/** The name of a storage class; unset means the cluster's default. */
export const storageClass = textKind('storageClass', {...form, example: 'standard'}, {from: 'storageClasses'})

/** The name of a node. */
export const node = textKind('node', {...form, example: 'worker-1'}, {from: 'nodes'})

/** The name of a namespace. */
export const namespace = textKind(
  'namespace',
  {...form, pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$', maxLength: 63, example: 'monitoring'},
  {from: 'namespaces'},
)
