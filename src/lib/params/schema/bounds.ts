import {count} from './fault.ts'
import type {Keyword, Keywords} from './keyword.ts'

interface Bound {
  fits(measure: number, limit: number): boolean
  say(limit: number, measure: number): string
}

const atLeast = (measure: number, limit: number) => measure >= limit
const atMost = (measure: number, limit: number) => measure <= limit

function bounds<Value>(measure: (value: Value) => number, table: Record<string, Bound>): Keywords<Value> {
  const keywords = Object.entries(table).map(([code, {fits, say}]): [string, Keyword<Value>] => [
    code,
    (limit, value, {path}) => {
      if (typeof limit !== 'number') return []
      const measured = measure(value)
      return fits(measured, limit) ? [] : [{path, code, message: say(limit, measured), expected: limit, got: value}]
    },
  ])
  return Object.fromEntries(keywords)
}

/** Keywords about numbers. */
export const numbers: Keywords<number> = bounds(value => value, {
  minimum: {fits: atLeast, say: limit => `must be at least ${limit}`},
  maximum: {fits: atMost, say: limit => `must be at most ${limit}`},
  exclusiveMinimum: {fits: (value, limit) => value > limit, say: limit => `must be more than ${limit}`},
  exclusiveMaximum: {fits: (value, limit) => value < limit, say: limit => `must be less than ${limit}`},
  multipleOf: {fits: isMultiple, say: limit => `must be a multiple of ${limit}`},
})

/** In characters (code points), as JSON Schema counts. */
export const textLength: Keywords<string> = bounds(text => [...text].length, {
  minLength: {
    fits: atLeast,
    say: (limit, length) => (length === 0 ? 'must not be empty' : `must have at least ${count(limit, 'character')}`),
  },
  maxLength: {fits: atMost, say: (limit, length) => `must have at most ${count(limit, 'character')}, has ${length}`},
})

export const listLength: Keywords<unknown[]> = bounds(list => list.length, {
  minItems: {
    fits: atLeast,
    say: (limit, size) => `must have at least ${count(limit, 'entry', 'entries')}, has ${size}`,
  },
  maxItems: {fits: atMost, say: (limit, size) => `must have at most ${count(limit, 'entry', 'entries')}, has ${size}`},
})

export const objectSize: Keywords<Record<string, unknown>> = bounds(object => Object.keys(object).length, {
  minProperties: {fits: atLeast, say: (limit, size) => `must have at least ${count(limit, 'field')}, has ${size}`},
  maxProperties: {fits: atMost, say: (limit, size) => `must have at most ${count(limit, 'field')}, has ${size}`},
})

/** 0.3 is a multiple of 0.1, although the machine's quotient is 2.9999999999999996. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step
  if (!Number.isFinite(quotient)) return false
  return Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * Math.max(1, Math.abs(quotient)) * 2
}
