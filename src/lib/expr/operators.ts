import {Duration} from './duration.ts'
import {Fault, type Run} from './run.ts'
import type {BinaryOperator} from './tree.ts'
import {Dict, equal, kindOf, refuseSecret, type Value} from './values.ts'

export type StrictOperator = Exclude<BinaryOperator, '&&' | '||'>

/** The value of an operator that needs both its sides. */
export function operate(op: StrictOperator, left: Value, right: Value, run: Run): Value {
  switch (op) {
    case '==':
      return equals(left, right, run)
    case '!=':
      return !equals(left, right, run)
    case 'in':
      return isIn(left, right, run)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered[op](compare(op, left, right, run))
    default:
      return calculate(op, left, right, run)
  }
}

/** A secret may be compared with null, and with nothing else. */
function equals(left: Value, right: Value, run: Run): boolean {
  if (left === null || right === null) return left === right
  refuseSecret('comparing', left, run)
  refuseSecret('comparing', right, run)
  return equal(left, right, run)
}

/** A key whose value is null is not there, as for `has`. */
function isIn(left: Value, right: Value, run: Run): boolean {
  refuseSecret('in', left, run)
  if (right instanceof Dict && typeof left === 'string') return (right.get(left) ?? null) !== null
  if (!Array.isArray(right)) throw mismatch('in', left, right)
  refuseSecret('in', right, run)
  return right.some(item => equal(left, item, run))
}

/** Of what `<=>` would be; NaN is neither. */
const ordered = {
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
}

function compare(op: BinaryOperator, left: Value, right: Value, run: Run): number {
  if (typeof left === 'bigint' && typeof right === 'bigint') return Number(left - right)
  if (isNumber(left) && isNumber(right)) return Number(left) - Number(right)
  if (typeof left === 'string' && typeof right === 'string') {
    refuseSecret(op, left, run)
    refuseSecret(op, right, run)
    return left < right ? -1 : left > right ? 1 : 0
  }
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right)
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right)
  if (left instanceof Duration && right instanceof Duration) return Number(left.nanos - right.nanos)
  throw mismatch(op, left, right)
}

type Arithmetic = '+' | '-' | '*' | '/' | '%'

const ints: Record<Arithmetic, (a: bigint, b: bigint) => bigint> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
}
const doubles: Record<Exclude<Arithmetic, '%'>, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

/**
 * CEL refuses `1 + 0.5`. Whether an answer to a `type: number` parameter has a fraction must not decide whether a template works, so an
 * int and a double make a double.
 */
function calculate(op: Arithmetic, left: Value, right: Value, run: Run): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    if (right === 0n && (op === '/' || op === '%')) throw new Fault('an int cannot be divided by zero')
    return int64(ints[op](left, right), op)
  }
  if (isNumber(left) && isNumber(right) && op !== '%') return doubles[op](Number(left), Number(right))
  if (left instanceof Duration && right instanceof Duration && (op === '+' || op === '-'))
    return new Duration(ints[op](left.nanos, right.nanos))
  if (op === '+') {
    if (typeof left === 'string' && typeof right === 'string') {
      run.text(left.length + right.length)
      return left + right
    }
    if (Array.isArray(left) && Array.isArray(right)) {
      run.elements(left.length + right.length)
      return [...left, ...right]
    }
    if (left instanceof Uint8Array && right instanceof Uint8Array) {
      run.text(left.length + right.length)
      return Buffer.concat([left, right])
    }
  }
  throw mismatch(op, left, right)
}

export function negate(value: Value): Value {
  if (typeof value === 'number') return -value
  if (typeof value === 'bigint') return int64(-value, '-')
  throw new Fault(`- does not take (${kindOf(value)})`)
}

export function int64(value: bigint, what: string): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new Fault(`${what}: the result does not fit in 64 bits`)
  return value
}

function isNumber(value: Value): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number'
}

function mismatch(op: BinaryOperator, left: Value, right: Value): Fault {
  return new Fault(`${op} does not take (${kindOf(left)}, ${kindOf(right)})`)
}
