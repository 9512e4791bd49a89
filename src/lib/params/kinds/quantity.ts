import {quantityPattern} from '../quantity.ts'
import {constraintsOf, type Kind, textConstraints} from './kind.ts'

/** An amount as Kubernetes writes it: `500m`, `2`, `10Gi`. */
export const quantity: Kind = {
  name: 'quantity',
  widget: 'text',
  schema: param => ({
    type: 'string',
    ...constraintsOf(param, textConstraints),
    allOf: [{pattern: quantityPattern, examples: ['512Mi'], 'x-berth-expected': 'an amount such as 512Mi'}],
  }),
  type: () => ({t: 'string'}),
}
