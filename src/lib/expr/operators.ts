import {nearest} from '../nearest.ts'
import type {Checker} from './checker.ts'
import {asMap, comparable, dyn, fits, holdsSecretType, isNumber, join, typeName, withoutNull} from './relations.ts'
import type {Node} from './tree.ts'
import type {ExprType} from './types.ts'

export type Call = Extract<Node, {k: 'call'}>

export type Operator = (checker: Checker, node: Call, args: ExprType[]) => ExprType

/** Types of CEL's operators, given those of their operands. `&&`, `||` and `?:` are in calls.ts: they narrow. */
export const operators: Record<string, Operator> = {
  '_==_': equality,
  '_!=_': equality,
  '_<_': order,
  '_<=_': order,
  '_>_': order,
  '_>=_': order,
  '_+_': arithmetic,
  '_-_': arithmetic,
  '_*_': arithmetic,
  '_/_': arithmetic,
  '_%_': arithmetic,
  '-_': (checker, node, args) => {
    const [type = dyn] = presentAll(checker, node, args)
    if (!isNumber(type) && type.t !== 'dyn') mismatch(checker, node, [type])
    return type
  },
  '!_': (checker, node, args) => {
    const [type = dyn] = presentAll(checker, node, args)
    if (!fits(type, {t: 'bool'})) checker.report('type-mismatch', node.at, `! needs a bool, not ${typeName(type)}`)
    return {t: 'bool'}
  },
  '@in': membership,
  '_[_]': index,
}

function equality(checker: Checker, node: Call, [left = dyn, right = dyn]: ExprType[]): ExprType {
  if (left.t !== 'null' && right.t !== 'null') {
    if (holdsSecretType(left) || holdsSecretType(right)) checker.refuseSecret(node, 'comparing it')
    else if (!comparable(left, right)) {
      checker.report(
        'type-mismatch',
        node.at,
        `${typeName(left)} and ${typeName(right)} are never equal`,
        conversionFix(checker, node, left, right),
      )
    }
  }
  return {t: 'bool'}
}

function order(checker: Checker, node: Call, args: ExprType[]): ExprType {
  const [left = dyn, right = dyn] = presentAll(checker, node, args)
  const ordered = ['bool', 'bytes', 'string', 'duration', 'timestamp', 'dyn']
  if (left.t === 'secret' || right.t === 'secret') checker.refuseSecret(node, 'comparing it')
  else if (
    !(isNumber(left) && isNumber(right)) &&
    !(comparable(left, right) && (ordered.includes(left.t) || left.t === 'dyn' || isNumber(left)))
  )
    mismatch(checker, node, [left, right])
  return {t: 'bool'}
}

function arithmetic(checker: Checker, node: Call, args: ExprType[]): ExprType {
  const [left = dyn, right = dyn] = presentAll(checker, node, args)
  const plus = node.fn === '_+_'
  const text: ExprType = {t: 'secret'}
  if (left.t === 'dyn' && right.t === 'dyn') return dyn
  if (plus && fits(left, text) && fits(right, text))
    return left.t === 'secret' || right.t === 'secret' ? text : left.t === 'dyn' ? right : left
  if (plus && fits(left, {t: 'list', of: dyn}) && fits(right, {t: 'list', of: dyn}))
    return left.t === 'dyn' ? right : right.t === 'dyn' ? left : join(left, right)
  if (
    (isNumber(left) || left.t === 'dyn') &&
    (isNumber(right) || right.t === 'dyn') &&
    !(node.fn === '_%_' && (left.t === 'double' || right.t === 'double'))
  ) {
    return left.t === 'dyn' || right.t === 'dyn' ? dyn : left.t === 'int' && right.t === 'int' ? left : {t: 'double'}
  }
  const temporal = timeArithmetic(node.fn, left, right)
  if (temporal !== undefined) return temporal
  if (left.t === 'secret' || right.t === 'secret')
    checker.refuseSecret(node, plus ? 'adding anything but strings' : 'calculating with it')
  else mismatch(checker, node, [left, right], plus ? conversionFix(checker, node, left, right) : undefined)
  return dyn
}

function timeArithmetic(fn: string, left: ExprType, right: ExprType): ExprType | undefined {
  const known = [left, right].filter(({t}) => t !== 'dyn').map(({t}) => t)
  if ((fn !== '_+_' && fn !== '_-_') || !known.every(t => t === 'duration' || t === 'timestamp')) return undefined
  if (known.length < 2) return dyn
  if (left.t === 'duration' && right.t === 'duration') return left
  if (fn === '_-_') return left.t === 'duration' ? undefined : {t: right.t === 'timestamp' ? 'duration' : 'timestamp'}
  return left.t === 'timestamp' && right.t === 'timestamp' ? undefined : {t: 'timestamp'}
}

function membership(checker: Checker, node: Call, args: ExprType[]): ExprType {
  const left = args[0] ?? dyn
  const container = node.args[1] === undefined ? dyn : checker.present(node.args[1], args[1] ?? dyn)
  const element =
    container.t === 'list' ? container.of : asMap(container) !== undefined ? ({t: 'string'} as const) : undefined
  if (element === undefined) {
    if (container.t !== 'dyn')
      checker.report(
        'type-mismatch',
        node.at,
        `\`in\` looks into a list or a map, not ${typeName(container)}`,
        container.t === 'string' ? 'text.contains(part)' : undefined,
      )
  } else if (holdsSecretType(left) || holdsSecretType(element)) checker.refuseSecret(node, 'comparing it')
  else if (!comparable(left, element))
    checker.report('type-mismatch', node.at, `${typeName(left)} is never in a ${typeName(container)}`)
  return {t: 'bool'}
}

function index(checker: Checker, node: Call, args: ExprType[]): ExprType {
  const [container = dyn, key = dyn] = presentAll(checker, node, args)
  const [target, by] = node.args
  if (container.t === 'list') {
    if (!fits(key, {t: 'int'}))
      checker.report('type-mismatch', node.at, `a list is indexed by int, not ${typeName(key)}`)
    return container.of
  }
  if (container.t === 'object' && by?.k === 'const' && typeof by.value === 'string' && target !== undefined) {
    const field = Object.hasOwn(container.fields, by.value) ? container.fields[by.value] : undefined
    if (field !== undefined) return field
    const guess = nearest(by.value, Object.keys(container.fields))
    checker.report(
      'unknown-field',
      node.at,
      `\`${checker.source(target)}\` has no field \`${by.value}\``,
      guess === undefined ? undefined : `did you mean ${guess}?`,
    )
    return dyn
  }
  const map = asMap(container)
  if (map === undefined) {
    if (container.t !== 'dyn') checker.report('type-mismatch', node.at, `${typeName(container)} cannot be indexed`)
    return dyn
  }
  if (!fits(key, {t: 'string'}))
    checker.report('type-mismatch', node.at, `a map is indexed by string, not ${typeName(key)}`)
  return map.of
}

function mismatch(checker: Checker, node: Call, types: ExprType[], fix?: string): void {
  const operator = node.fn.replaceAll('_', '')
  const message =
    types.length === 1
      ? `${operator} does not take ${types.map(typeName)}`
      : `${operator} does not take ${types.map(typeName).join(' and ')}`
  checker.report('type-mismatch', node.at, message, fix)
}

/** `"a" + 1`, `port == "80"`: the number becomes a string. */
function conversionFix(checker: Checker, node: Call, left: ExprType, right: ExprType): string | undefined {
  const scalar = (type: ExprType) => isNumber(withoutNull(type)) || withoutNull(type).t === 'bool'
  const [first, second] = node.args
  if (withoutNull(left).t === 'string' && scalar(right) && second !== undefined)
    return `string(${checker.source(second)})`
  if (withoutNull(right).t === 'string' && scalar(left) && first !== undefined)
    return `string(${checker.source(first)})`
  return undefined
}

function presentAll(checker: Checker, node: Call, types: ExprType[]): ExprType[] {
  return types.map((type, position) => {
    const arg = node.args[position]
    return arg === undefined ? type : checker.present(arg, type)
  })
}
