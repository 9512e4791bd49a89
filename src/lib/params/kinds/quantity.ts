import {quantityPattern} from '../quantity.ts'
import {textKind} from './text.ts'

/** An amount as Kubernetes writes it: `500m`, `2`, `10Gi`. */
export const quantity = textKind('quantity', {pattern: quantityPattern, example: '512Mi', words: 'an amount'})
