import type {Kind} from './kind.ts'

/** The name of a storage class; unset means the cluster's default. */
export const storageClass: Kind = {
  name: 'storageClass',
  widget: 'choice',
  schema: () => ({type: 'string', maxLength: 253, pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', examples: ['standard']}),
  type: () => ({t: 'string'}),
  async choices(_param, lookup) {
    return (await lookup.storageClasses()).map(({name, default: byDefault}) => ({
      value: name,
      title: byDefault ? `${name} (default)` : name,
    }))
  },
}
