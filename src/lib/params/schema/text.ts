import type {Path} from '../pointer.ts'
import type {ParamSchema} from '../types.ts'
import {count, type Fault} from './fault.ts'
import {missedFormat} from './formats.ts'
import {compilePattern} from './pattern.ts'

/** Keywords about strings. Lengths are in characters (code points), as in JSON Schema. */
export function checkString(schema: ParamSchema, value: unknown, path: Path): Fault[] {
  if (typeof value !== 'string') return []
  const {minLength, maxLength, pattern, format} = schema
  const faults: Fault[] = []
  const length = typeof minLength === 'number' || typeof maxLength === 'number' ? [...value].length : 0
  if (typeof minLength === 'number' && length < minLength) {
    const message = length === 0 ? 'must not be empty' : `must have at least ${count(minLength, 'character')}`
    faults.push({path, code: 'minLength', message, expected: minLength, got: value})
  }
  if (typeof maxLength === 'number' && length > maxLength) {
    const message = `must have at most ${count(maxLength, 'character')}, has ${length}`
    faults.push({path, code: 'maxLength', message, expected: maxLength, got: value})
  }
  if (typeof pattern === 'string') faults.push(...checkPattern(pattern, schema, value, path))
  if (typeof format === 'string') {
    const words = missedFormat(format, value)
    if (words !== undefined)
      faults.push({path, code: 'format', message: `must be ${words}`, expected: format, got: value})
  }
  return faults
}

function checkPattern(source: string, schema: ParamSchema, value: string, path: Path): Fault[] {
  const pattern = compilePattern(source)
  if (typeof pattern === 'string') {
    return [{path, code: 'pattern', message: `cannot be checked: ${pattern}`, expected: source}]
  }
  if (pattern.test(value)) return []
  const words = schema['x-berth-expected']
  if (typeof words === 'string')
    return [{path, code: 'pattern', message: `must be ${words}`, expected: source, got: value}]
  const [example] = Array.isArray(schema.examples) ? schema.examples : []
  const such = typeof example === 'string' ? `, for example ${example}` : ''
  return [{path, code: 'pattern', message: `must match ${source}${such}`, expected: source, got: value}]
}
