import {nearest} from '../nearest.ts'
import {checkCall} from './check-call.ts'
import {checkOperator} from './check-operator.ts'
import {type Checker, given, type Known, sourceOf} from './checker.ts'
import {hide, narrowed} from './narrow.ts'
import {asMap, dyn, fits, isNumber, join, joinAll, typeName, withoutNull} from './relations.ts'
import type {Constant, Kind, Node} from './tree.ts'
import type {ExprType, TypeScope} from './types.ts'

/** The type of a node, its parts checked on the way. */
export function nodeType(checker: Checker, node: Node, known: Known): ExprType {
  switch (node.k) {
    case 'const':
      return constantType(node.value)
    case 'name':
      return nameType(checker, node, known.scope)
    case 'select':
      return fieldType(checker, node, checker.present(node.operand, known))
    case 'has':
      // A guard: the operand may be null. But a field that cannot exist is a mistake.
      fieldType(checker, node, withoutNull(checker.typeOf(node.operand, known)))
      return {t: 'bool'}
    case 'index':
      return indexType(checker, node, known)
    case 'unary':
      return unaryType(checker, node, known)
    case 'binary':
      return checkOperator(checker, node, known)
    case 'choice': {
      const {test, then, otherwise} = node
      checker.condition(test, known)
      return join(checker.typeOf(then, given(known, test, true)), checker.typeOf(otherwise, given(known, test, false)))
    }
    case 'list':
      return {t: 'list', of: joinAll(node.elements.map(element => checker.typeOf(element, known)))}
    case 'map':
      return mapType(checker, node, known)
    case 'macro':
      return macroType(checker, node, known)
    case 'call':
      return checkCall(checker, node, known)
  }
}

function nameType(checker: Checker, node: Kind<'name'>, scope: TypeScope): ExprType {
  const type = Object.hasOwn(scope, node.name) ? scope[node.name] : undefined
  if (type !== undefined) return type
  // Authors forget the `params.` more often than they mistype it.
  const owner = Object.keys(scope).find(name => fieldOf(scope[name], node.name) !== undefined)
  const fix = owner === undefined ? suggestion(node.name, scope, 'in scope') : `did you mean ${owner}.${node.name}?`
  return checker.report(node, 'unknown-name', `there is no \`${node.name}\` here`, fix)
}

function fieldType(checker: Checker, node: Kind<'select' | 'has'>, type: ExprType): ExprType {
  if (type.t === 'dyn') return dyn
  if (type.t === 'map') return type.of
  const text = sourceOf(node.operand)
  if (type.t === 'list') return checker.mismatch(node, `\`${text}\` is a list, indexed by int: it has no fields`)
  if (type.t !== 'object') return checker.mismatch(node, `\`${text}\` is ${typeName(type)} and has no fields`)
  const message = `\`${text}\` has no field \`${node.field}\``
  const found = fieldOf(type, node.field)
  return found ?? checker.report(node, 'unknown-field', message, suggestion(node.field, type.fields, 'it has'))
}

function indexType(checker: Checker, node: Kind<'index'>, known: Known): ExprType {
  const container = checker.present(node.operand, known)
  const key = checker.present(node.index, known)
  if (container.t === 'dyn') return dyn
  const [of, by] = container.t === 'list' ? [container.of, 'int' as const] : [asMap(container)?.of, 'string' as const]
  if (of === undefined) return checker.mismatch(node, `${typeName(container)} cannot be indexed`)
  const kind = by === 'int' ? 'list' : 'map'
  return fits(key, {t: by}) ? of : checker.mismatch(node, `a ${kind} is indexed by ${by}, not ${typeName(key)}`)
}

function unaryType(checker: Checker, node: Kind<'unary'>, known: Known): ExprType {
  const type = checker.present(node.operand, known)
  if (node.op === '-')
    return isNumber(type) || type.t === 'dyn' ? type : checker.mismatch(node, `- does not take ${typeName(type)}`)
  if (!fits(type, {t: 'bool'})) checker.mismatch(node, `! needs a bool, not ${typeName(type)}`)
  return {t: 'bool'}
}

function mapType(checker: Checker, {entries}: Kind<'map'>, known: Known): ExprType {
  const fields: Record<string, ExprType> = {}
  const values: ExprType[] = []
  for (const {key, value} of entries) {
    const keyType = checker.present(key, known)
    if (!fits(keyType, {t: 'string'}))
      checker.mismatch(key, `a key is ${typeName(keyType)}; keys are strings`, 'string(x)')
    const type = checker.typeOf(value, known)
    values.push(type)
    if (key.k !== 'const' || typeof key.value !== 'string') continue
    if (Object.hasOwn(fields, key.value)) checker.report(key, 'duplicate-key', `the key "${key.value}" stands twice`)
    fields[key.value] = type
  }
  if (!entries.every(({key}) => key.k === 'const')) return {t: 'map', of: joinAll(values)}
  return {t: 'object', fields: Object.fromEntries(Object.entries(fields).filter(([, type]) => type.t !== 'omit'))}
}

function macroType(checker: Checker, node: Kind<'macro'>, known: Known): ExprType {
  const range = checker.present(node.range, known)
  const {macro, variable, test, step} = node
  const element = range.t === 'list' ? range.of : asMap(range) === undefined ? dyn : ({t: 'string'} as const)
  if (range.t !== 'list' && range.t !== 'dyn' && asMap(range) === undefined)
    checker.mismatch(node, `${macro} goes over a list or a map, not ${typeName(range)}`)
  const inner = {scope: {...known.scope, [variable]: element}, facts: hide(known.facts, variable)}
  if (test !== undefined) {
    const type = checker.present(test, inner)
    if (!fits(type, {t: 'bool'})) checker.mismatch(test, `the condition of ${macro} is ${typeName(type)}, not bool`)
  }
  const passed = test === undefined ? inner : given(inner, test, true)
  if (macro === 'map') return {t: 'list', of: step === undefined ? dyn : checker.typeOf(step, passed)}
  if (macro === 'filter') return {t: 'list', of: narrowed(element, variable, passed.facts)}
  return {t: 'bool'}
}

function suggestion(name: string, known: object, otherwise: string): string {
  const guess = nearest(name, Object.keys(known))
  return guess === undefined
    ? `${otherwise}: ${Object.keys(known).sort().join(', ') || 'nothing'}`
    : `did you mean ${guess}?`
}

function fieldOf(type: ExprType | undefined, field: string): ExprType | undefined {
  return type?.t === 'object' && Object.hasOwn(type.fields, field) ? type.fields[field] : undefined
}

function constantType(value: Constant): ExprType {
  if (value === null) return {t: 'null'}
  if (value instanceof Uint8Array) return {t: 'bytes'}
  const kinds = {string: 'string', boolean: 'bool', bigint: 'int', number: 'double'} as const
  return {t: kinds[typeof value as keyof typeof kinds]}
}
