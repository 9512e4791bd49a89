import type {ExprType} from './types.ts'

export const dyn: ExprType = {t: 'dyn'}

/** In an author's words: `list of string`, `null or int`. */
export function typeName(type: ExprType): string {
  switch (type.t) {
    case 'secret':
      return 'secret string'
    case 'dyn':
      return 'anything'
    case 'list':
      return type.of.t === 'dyn' ? 'list' : `list of ${typeName(type.of)}`
    case 'map':
      return type.of.t === 'dyn' ? 'map' : `map of ${typeName(type.of)}`
    case 'object':
      return 'object'
    case 'nullable':
      return `${typeName(type.of)} or null`
    default:
      return type.t
  }
}

/** May a value of type `from` stand where `to` is wanted? Nulls are not looked at: the checker has reported them before. */
export function fits(from: ExprType, to: ExprType): boolean {
  if (from.t === 'dyn' || to.t === 'dyn') return true
  if (from.t === 'nullable') return fits(from.of, to)
  if (to.t === 'nullable') return from.t === 'null' || fits(from, to.of)
  if (to.t === 'secret') return from.t === 'string' || from.t === 'secret'
  if (to.t === 'list') return from.t === 'list' && fits(from.of, to.of)
  if (to.t === 'map')
    return (
      (from.t === 'map' && fits(from.of, to.of)) ||
      (from.t === 'object' && Object.values(from.fields).every(field => fits(field, to.of)))
    )
  if (to.t === 'object') return from.t === 'object' || from.t === 'map'
  return from.t === to.t
}

/** The type of a value that is one or the other: branches of a ternary, elements of a list. */
export function join(a: ExprType, b: ExprType): ExprType {
  if (a.t === 'omit') return b
  if (b.t === 'omit') return a
  if (a.t === 'dyn' || b.t === 'dyn') return dyn
  if (a.t === 'null') return nullable(b)
  if (b.t === 'null') return nullable(a)
  if (a.t === 'nullable' || b.t === 'nullable') return nullable(join(withoutNull(a), withoutNull(b)))
  if (a.t === 'list' && b.t === 'list') return {t: 'list', of: join(a.of, b.of)}
  if (a.t === 'object' && b.t === 'object' && sameKeys(a.fields, b.fields)) {
    return {
      t: 'object',
      fields: Object.fromEntries(
        Object.entries(a.fields).map(([key, field]) => [key, join(field, b.fields[key] ?? dyn)]),
      ),
    }
  }
  const left = asMap(a)
  const right = asMap(b)
  if (left !== undefined && right !== undefined) return {t: 'map', of: joinAll([left.of, right.of])}
  if (a.t === b.t) return a
  if (isNumber(a) && isNumber(b)) return {t: 'double'}
  if (fits(a, {t: 'secret'}) && fits(b, {t: 'secret'})) return {t: 'secret'}
  return dyn
}

/** `dyn` for none. */
export function joinAll(types: ExprType[]): ExprType {
  const [first, ...rest] = types
  return first === undefined ? dyn : rest.reduce(join, first)
}

function nullable(type: ExprType): ExprType {
  return type.t === 'nullable' || type.t === 'null' || type.t === 'dyn' ? type : {t: 'nullable', of: type}
}

export function withoutNull(type: ExprType): ExprType {
  return type.t === 'nullable' ? type.of : type
}

export function isNumber(type: ExprType): boolean {
  return type.t === 'int' || type.t === 'double'
}

/** Is a secret in it, or its type? */
export function holdsSecretType(type: ExprType): boolean {
  switch (type.t) {
    case 'secret':
      return true
    case 'list':
    case 'map':
    case 'nullable':
      return holdsSecretType(type.of)
    case 'object':
      return Object.values(type.fields).some(holdsSecretType)
    default:
      return false
  }
}

/** Could two values of these types ever be equal? */
export function comparable(a: ExprType, b: ExprType): boolean {
  if (a.t === 'null' || b.t === 'null') return true
  const [left, right] = [withoutNull(a), withoutNull(b)]
  return (
    fits(left, right) ||
    fits(right, left) ||
    (isNumber(left) && isNumber(right)) ||
    (asMap(left) !== undefined && asMap(right) !== undefined)
  )
}

export function asMap(type: ExprType): {t: 'map'; of: ExprType} | undefined {
  if (type.t === 'map') return type
  return type.t === 'object' ? {t: 'map', of: joinAll(Object.values(type.fields))} : undefined
}

function sameKeys(a: object, b: object): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key))
}
