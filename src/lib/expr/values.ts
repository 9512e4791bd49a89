import {type CelInput, type CelValue, celList, celMap, isCelList, isCelMap} from '@bufbuild/cel'
import type {Meter} from './meter.ts'
import {hasSecret, maskSecrets} from './secrets.ts'
import type {ExprType} from './types.ts'

/** The value that `omit()` gives: the field or element that it is the value of is dropped. */
export const OMIT: unique symbol = Symbol('omit()')

/** `omit()` inside CEL: an empty map, known by identity. */
export const omitted: CelValue = celMap(new Map())

/** JSON with integers told from doubles: what the writers of toJson, toYaml and their kin take. Objects have sorted keys. */
export type Plain = string | boolean | null | bigint | number | Plain[] | {[key: string]: Plain}

/** Why a value cannot leave CEL, and what to write. */
export class ValueError extends Error {
  readonly fix: string

  constructor(message: string, fix: string) {
    super(message)
    this.fix = fix
  }
}

/**
 * Into CEL. Whole numbers become integers, unless the type says double; objects become maps that convert a field when it is read, so
 * that an expression pays for what it reads and not for all of `params` and `files`.
 */
export function toCel(value: unknown, type?: ExprType): CelValue {
  if (type?.t === 'nullable') return toCel(value, type.of)
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return value
    case 'number':
      return Number.isSafeInteger(value) && type?.t !== 'double' ? BigInt(value) : value
    case 'undefined':
      return null
    case 'object':
      if (value === null) return null
      if (Array.isArray(value)) return celList(value.map(item => toCel(item, type?.t === 'list' ? type.of : undefined)))
      if (value instanceof Uint8Array) return value
      return celMap(new ObjectMap(value as Record<string, unknown>, type))
    default:
      throw new TypeError(`a ${typeof value} cannot be used in an expression`)
  }
}

/** A read-only Map over an object: sorted keys, own fields only, converted on the way out. */
class ObjectMap extends Map<string, CelInput> {
  readonly #source: Record<string, unknown>
  readonly #type: ExprType | undefined
  #keys: string[] | undefined

  constructor(source: Record<string, unknown>, type: ExprType | undefined) {
    super()
    this.#source = source
    this.#type = type
  }

  override get size(): number {
    return this.#sorted().length
  }

  override get(key: string): CelInput | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#source, key)) return undefined
    const value = this.#source[key]
    return value === undefined ? undefined : toCel(value, this.#typeOf(key))
  }

  override has(key: string): boolean {
    return this.get(key) !== undefined
  }

  override keys(): MapIterator<string> {
    return this.#sorted().values()
  }

  override *values(): MapIterator<CelInput> {
    for (const [, value] of this.entries()) yield value
  }

  override *entries(): MapIterator<[string, CelInput]> {
    for (const key of this.#sorted()) yield [key, this.get(key) as CelInput]
  }

  override [Symbol.iterator](): MapIterator<[string, CelInput]> {
    return this.entries()
  }

  override forEach(callback: (value: CelInput, key: string, map: Map<string, CelInput>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this)
  }

  #sorted(): string[] {
    this.#keys ??= Object.keys(this.#source)
      .filter(key => this.#source[key] !== undefined)
      .sort()
    return this.#keys
  }

  #typeOf(key: string): ExprType | undefined {
    if (this.#type?.t === 'map') return this.#type.of
    return this.#type?.t === 'object' && Object.hasOwn(this.#type.fields, key) ? this.#type.fields[key] : undefined
  }
}

/**
 * Out of CEL. Values share structure inside (`[a, a]` costs one `a`) but not outside, so what comes out is counted.
 * @throws ValueError for what JSON does not have
 */
export function plain(value: CelValue, meter: Meter): Plain {
  meter.charge(1)
  if (typeof value === 'string') {
    meter.string(value.length)
    return value
  }
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new ValueError(`the result is ${value}, which is no number in JSON`, 'check the operands')
  if (typeof value === 'boolean' || typeof value === 'bigint' || typeof value === 'number' || value === null)
    return value
  if (isCelList(value)) return [...value].filter(item => item !== omitted).map(item => plain(item, meter))
  if (isCelMap(value)) {
    const entries = [...value].filter(([, entry]) => entry !== omitted)
    return Object.fromEntries(
      entries.map(([key, entry]) => [plainKey(key), plain(entry, meter)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  }
  if (value instanceof Uint8Array) throw new ValueError('the result is bytes', 'write base64(x) or string(x)')
  throw new ValueError('the result is a duration, timestamp or type', 'write string(x)')
}

function plainKey(key: unknown): string {
  if (typeof key !== 'string')
    throw new ValueError(`${String(key)} is used as a key; keys are strings`, 'write string(x) for the key')
  if (hasSecret(key))
    throw new ValueError(`a secret is used as a key: ${maskSecrets(key)}`, 'use secrets as values only')
  return key
}

/** Plain to JSON values. @throws ValueError for integers that JSON readers would round */
export function toJs(value: Plain): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (!Number.isSafeInteger(number))
      throw new ValueError(`${value} is too large for a JSON number`, 'write string(x)')
    return number
  }
  if (Array.isArray(value)) return value.map(toJs)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toJs(entry)]))
}

/** How big a value is when written out: one per node, and its characters. Stops counting beyond `limit`. */
export function measure(value: CelValue, limit: number): number {
  let total = 0
  const open: CelValue[] = [value]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    total += typeof next === 'string' ? 1 + next.length / 16 : 1
    if (total > limit) return total
    if (isCelList(next)) open.push(...next)
    else if (isCelMap(next)) for (const [key, entry] of next) open.push(typeof key === 'string' ? key : null, entry)
  }
  return total
}

/** Does a value hold a secret anywhere? Counted, as structure is shared. */
export function celHoldsSecret(value: CelValue, meter: Meter): boolean {
  if (typeof value === 'string') return hasSecret(value)
  if (isCelList(value)) {
    meter.charge(value.size)
    for (const item of value) if (celHoldsSecret(item, meter)) return true
  } else if (isCelMap(value)) {
    meter.charge(value.size)
    for (const [key, entry] of value)
      if ((typeof key === 'string' && hasSecret(key)) || celHoldsSecret(entry, meter)) return true
  }
  return false
}
