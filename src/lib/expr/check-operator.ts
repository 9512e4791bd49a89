import {type Checker, given, type Known, sourceOf} from './checker.ts'
import {asMap, comparable, dyn, fits, holdsSecretType, isNumber, joinAll, typeName, withoutNull} from './relations.ts'
import type {BinaryOperator, Kind} from './tree.ts'
import type {ExprType} from './types.ts'

const bool: ExprType = {t: 'bool'}
const string: ExprType = {t: 'string'}
const text: ExprType = {t: 'secret'}
const number: ExprType = {t: 'double'}
const bytes: ExprType = {t: 'bytes'}
const duration: ExprType = {t: 'duration'}
const list: ExprType = {t: 'list', of: dyn}
const order = [number, string, bool, bytes, duration]

/** What both sides of an operator must be: one of these. */
const families: Partial<Record<BinaryOperator, ExprType[]>> = {
  '<': order,
  '<=': order,
  '>': order,
  '>=': order,
  '+': [number, text, list, bytes, duration],
  '-': [number, duration],
  '*': [number],
  '/': [number],
  '%': [{t: 'int'}],
}

type Binary = Kind<'binary'>

/** The type of a binary operator, its operands checked on the way. */
export function checkOperator(checker: Checker, node: Binary, known: Known): ExprType {
  const {op, left, right} = node
  switch (op) {
    case '&&':
    case '||':
      checker.condition(left, known)
      checker.condition(right, given(known, left, op === '&&'))
      return bool
    case '==':
    case '!=':
      return equality(checker, node, checker.typeOf(left, known), checker.typeOf(right, known))
    case 'in':
      return membership(checker, node, checker.typeOf(left, known), checker.present(right, known))
    default: {
      const result = sameFamily(checker, node, checker.present(left, known), checker.present(right, known))
      return families[op] === order ? bool : result
    }
  }
}

/** Both sides of one family; an int and a double make a double. What is partly unknown is taken for what is known of it. */
function sameFamily(checker: Checker, node: Binary, left: ExprType, right: ExprType): ExprType {
  const {op} = node
  const sides = [left, right]
  const known = sides.filter(({t}) => t !== 'dyn')
  const wide = (type: ExprType) => (op !== '%' && type.t === 'int' ? number : type)
  const family = families[op]?.find(family => sides.every(side => fits(wide(side), family)))
  if (family !== undefined) return known.length < 2 && (known.length === 0 || isNumber(family)) ? dyn : joinAll(known)
  const plus = op === '+'
  if (sides.some(({t}) => t === 'secret')) {
    const what = plus ? 'adding anything but strings' : families[op] === order ? 'comparing it' : 'calculating with it'
    return checker.refuseSecret(node, what)
  }
  const fix = plus ? conversionFix(node, left, right) : undefined
  return checker.mismatch(node, `${op} does not take ${typeName(left)} and ${typeName(right)}`, fix)
}

function equality(checker: Checker, node: Binary, left: ExprType, right: ExprType): ExprType {
  if (left.t === 'null' || right.t === 'null') return bool
  if (holdsSecretType(left) || holdsSecretType(right)) checker.refuseSecret(node, 'comparing it')
  else if (!comparable(left, right)) {
    const message = `${typeName(left)} and ${typeName(right)} are never equal`
    checker.mismatch(node, message, conversionFix(node, left, right))
  }
  return bool
}

function membership(checker: Checker, node: Binary, left: ExprType, container: ExprType): ExprType {
  if (container.t === 'dyn') return bool
  const element = container.t === 'list' ? container.of : asMap(container) && string
  if (element === undefined) {
    const fix = container.t === 'string' ? 'text.contains(part)' : undefined
    checker.mismatch(node, `\`in\` looks into a list or a map, not ${typeName(container)}`, fix)
  } else if (holdsSecretType(left) || holdsSecretType(element)) checker.refuseSecret(node, 'comparing it')
  else if (!comparable(left, element)) checker.mismatch(node, `${typeName(left)} is never in a ${typeName(container)}`)
  return bool
}

/** `"a" + 1`, `port == "80"`: the number becomes a string. */
function conversionFix({left, right}: Binary, leftType: ExprType, rightType: ExprType): string | undefined {
  const scalar = (type: ExprType) => isNumber(withoutNull(type)) || withoutNull(type).t === 'bool'
  if (withoutNull(leftType).t === 'string' && scalar(rightType)) return `string(${sourceOf(right)})`
  return withoutNull(rightType).t === 'string' && scalar(leftType) ? `string(${sourceOf(left)})` : undefined
}
