import {constraintsOf, type Kind, textConstraints} from './kind.ts'

/** A length of time as Kubernetes and Go write it: `90s`, `1h30m`. */
export const duration: Kind = {
  name: 'duration',
  widget: 'text',
  schema: param => ({
    type: 'string',
    ...constraintsOf(param, textConstraints),
    allOf: [
      {
        pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$',
        examples: ['1h30m'],
        'x-berth-expected': 'a length of time such as 1h30m',
      },
    ],
  }),
  type: () => ({t: 'string'}),
}
