import type {Path} from '../pointer.ts'
import type {ParamSchema} from '../types.ts'
import type {Fault} from './fault.ts'

/** Keywords about numbers. */
export function checkNumber(schema: ParamSchema, value: unknown, path: Path): Fault[] {
  if (typeof value !== 'number') return []
  const faults: Fault[] = []
  for (const {code, words, fits} of bounds) {
    const limit = schema[code]
    if (typeof limit === 'number' && !fits(value, limit)) {
      faults.push({path, code, message: `must be ${words} ${limit}`, expected: limit, got: value})
    }
  }
  return faults
}

const bounds = [
  {code: 'minimum', words: 'at least', fits: (value: number, limit: number) => value >= limit},
  {code: 'maximum', words: 'at most', fits: (value: number, limit: number) => value <= limit},
  {code: 'exclusiveMinimum', words: 'more than', fits: (value: number, limit: number) => value > limit},
  {code: 'exclusiveMaximum', words: 'less than', fits: (value: number, limit: number) => value < limit},
  {code: 'multipleOf', words: 'a multiple of', fits: isMultiple},
]

/** 0.3 is a multiple of 0.1, although the machine's quotient is 2.9999999999999996. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step
  if (!Number.isFinite(quotient)) return false
  return Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * Math.max(1, Math.abs(quotient)) * 2
}
