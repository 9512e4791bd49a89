import {Duration} from './duration.ts'
import {Fault, type Run} from './run.ts'
import {hasSecret, maskSecrets} from './secrets.ts'
import type {ExprType} from './types.ts'

/** The value that `omit()` gives: the field or element that it is the value of is dropped. */
export const OMIT: unique symbol = Symbol('omit()')

/** A value of an expression: `bigint` is an int, `number` a double, the symbol {@link OMIT}. */
export type Value = null | boolean | string | bigint | number | Uint8Array | Duration | Value[] | Dict | symbol

/** JSON with integers told from doubles: what the writers of toJson, toYaml and their kin take. Objects have sorted keys. */
export type Plain = string | boolean | null | bigint | number | Plain[] | {[key: string]: Plain}

/**
 * A map: its keys in order. One over an object that was given converts a field when it is read, so that an expression pays for what it
 * reads and not for all of `params` and `files`.
 */
export class Dict {
  readonly #values: Map<string, Value>
  readonly #given: Readonly<Record<string, unknown>> | undefined
  readonly #type: ExprType | undefined
  readonly #run: Run | undefined
  #keys: string[] | undefined

  constructor(values: Map<string, Value>, given?: Readonly<Record<string, unknown>>, type?: ExprType, run?: Run) {
    this.#values = values
    this.#given = given
    this.#type = type
    this.#run = run
  }

  get keys(): string[] {
    this.#keys ??= this.#given === undefined ? [...this.#values.keys()].sort() : keysOf(this.#given)
    return this.#keys
  }

  get(key: string): Value | undefined {
    const known = this.#values.get(key)
    if (known !== undefined || this.#given === undefined || !Object.hasOwn(this.#given, key)) return known
    if (this.#given[key] === undefined) return undefined
    const value = toValue(this.#given[key], fieldOf(this.#type, key), this.#run)
    this.#values.set(key, value)
    return value
  }

  entries(): [string, Value][] {
    return this.keys.map(key => [key, this.get(key) ?? null])
  }
}

function keysOf(given: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(given)
    .filter(key => given[key] !== undefined)
    .sort()
}

function fieldOf(type: ExprType | undefined, key: string): ExprType | undefined {
  if (type?.t === 'map') return type.of
  return type?.t === 'object' && Object.hasOwn(type.fields, key) ? type.fields[key] : undefined
}

/** What is in scope as a value; lists are converted as a whole. Whole numbers become integers, unless the type says double. */
export function toValue(given: unknown, type?: ExprType, run?: Run): Value {
  if (type?.t === 'nullable') return toValue(given, type.of, run)
  switch (typeof given) {
    case 'string':
    case 'boolean':
    case 'bigint':
      return given
    case 'number':
      return Number.isSafeInteger(given) && type?.t !== 'double' ? BigInt(given) : given
    case 'undefined':
      return null
    case 'object':
      if (given === null || given instanceof Uint8Array) return given
      run?.charge(1)
      if (!Array.isArray(given)) return new Dict(new Map(), given as Record<string, unknown>, type, run)
      run?.charge(given.length / 16)
      return given.map(item => toValue(item, type?.t === 'list' ? type.of : undefined, run))
    default:
      throw new TypeError(`a ${typeof given} cannot be used in an expression`)
  }
}

/** The type of a value, as the checker calls it. */
export function kindOf(value: Value): ExprType['t'] {
  if (value === null) return 'null'
  if (value === OMIT) return 'omit'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Dict) return 'map'
  if (value instanceof Duration) return 'duration'
  if (value instanceof Uint8Array) return 'bytes'
  const kinds = {string: 'string', boolean: 'bool', bigint: 'int', number: 'double'} as const
  return kinds[typeof value as keyof typeof kinds]
}

/**
 * Without what is omitted, counted: values share structure (`[a, a]` costs one `a`), but what is written out does not.
 * @throws Fault for what JSON does not have
 */
export function plain(value: Value, run: Run): Plain {
  if (typeof value === 'string') {
    run.text(value.length)
    return value
  }
  // lists and maps are copied three times on their way out
  run.charge(typeof value === 'object' && value !== null ? 3 : 1)
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Fault(`the result is ${value}, which is no number in JSON`, 'check the operands')
  if (Array.isArray(value)) return value.filter(item => item !== OMIT).map(item => plain(item, run))
  if (value instanceof Dict)
    return Object.fromEntries(
      value
        .entries()
        .filter(([, entry]) => entry !== OMIT)
        .map(([key, entry]) => [plainKey(key), plain(entry, run)]),
    )
  if (value instanceof Uint8Array) throw new Fault('the result is bytes', 'write base64(x) or string(x)')
  if (value instanceof Duration) throw new Fault('the result is a duration', 'write string(x)')
  if (typeof value === 'symbol') throw new Fault('omit() inside a calculation', 'omit() must be the whole value')
  return value
}

function plainKey(key: string): string {
  if (hasSecret(key)) throw new Fault(`a secret is used as a key: ${maskSecrets(key)}`, 'use secrets as values only')
  return key
}

/** Plain to JSON values. @throws Fault for integers that JSON readers would round */
export function toJs(value: Plain): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw new Fault(`${value} is too large for a JSON number`, 'write string(x)')
    return number
  }
  if (Array.isArray(value)) return value.map(toJs)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toJs(entry)]))
}

/** CEL's `==`: int and double by their number, lists and maps by what is in them. Counted, as structure is shared. */
export function equal(a: Value, b: Value, run: Run): boolean {
  run.charge(1)
  if (typeof a === 'string' && typeof b === 'string') {
    run.charge(Math.min(a.length, b.length) / 16)
    return a === b
  }
  if ((typeof a === 'bigint' || typeof a === 'number') && (typeof b === 'bigint' || typeof b === 'number'))
    // biome-ignore lint/suspicious/noDoubleEquals: between bigint and number it compares the mathematical values
    return a == b
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, position) => equal(item, b[position] ?? null, run))
  if (a instanceof Dict && b instanceof Dict)
    return a.keys.length === b.keys.length && a.keys.every(key => equalField(a.get(key), b.get(key), run))
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  if (a instanceof Duration && b instanceof Duration) return a.nanos === b.nanos
  return a === b
}

function equalField(a: Value | undefined, b: Value | undefined, run: Run): boolean {
  return a !== undefined && b !== undefined && equal(a, b, run)
}

/** Refuses what would need the value of a secret, or tell something about it. */
export function refuseSecret(name: string, value: Value, run: Run): void {
  if (holdsToken(value, run)) throw new Fault(`${name} is not possible on a secret: rendering never sees its value`)
}

function holdsToken(value: Value, run: Run): boolean {
  run.charge(1)
  if (typeof value === 'string') {
    run.charge(value.length / 16)
    return hasSecret(value)
  }
  if (Array.isArray(value)) return value.some(item => holdsToken(item, run))
  return value instanceof Dict && value.entries().some(([key, entry]) => hasSecret(key) || holdsToken(entry, run))
}
