import {RE2JS} from '@bufbuild/re2'
import type {Keyword} from './keyword.ts'

/**
 * A pattern of a package, compiled with RE2: packages are strangers, and `^(a+)+$` would stop the tool for hours in
 * JavaScript's engine. RE2 has no look-around and no back-references: such a pattern is a fault of the package.
 */
export interface Pattern {
  test(text: string): boolean
}

const compiled = new Map<string, Pattern | string>()

/** A pattern of berth's own, known to take linear time: JavaScript's engine matches it, and RE2 need not be loaded. */
export function trustPattern(source: string): void {
  compiled.set(source, new RegExp(source, 'u'))
}

/** Compiles once per process. @returns the pattern, or why it cannot be used. */
export function compilePattern(source: string): Pattern | string {
  const known = compiled.get(source) ?? compile(source)
  compiled.set(source, known)
  return known
}

/** Does the text match? Nothing matches a pattern that cannot be used. */
export function matches(source: string, text: string): boolean {
  const pattern = compilePattern(source)
  return typeof pattern !== 'string' && pattern.test(text)
}

/** The keyword: what a text must be in words, if the schema has some, else by an example. */
export const checkPattern: Keyword<string> = (said, text, {path, schema}) => {
  const source = String(said)
  const pattern = compilePattern(source)
  const fault = {path, code: 'pattern', expected: source}
  if (typeof pattern === 'string') return [{...fault, message: `cannot be checked: ${pattern}`}]
  if (pattern.test(text)) return []
  const [example] = Array.isArray(schema.examples) ? schema.examples : []
  const such = typeof example === 'string' ? `, for example ${example}` : ''
  const words = schema['x-berth-expected']
  return [{...fault, message: words === undefined ? `must match ${source}${such}` : `must be ${words}`, got: text}]
}

/**
 * Pieces one after the other, of which one at most repeats or may be missing: that takes linear time anywhere, and means the same in
 * RE2 and in JavaScript's engine, which is there already.
 */
const piece = String.raw`(?:[\w-]|\\[./]|\[(?:[\w.:@/]|\\[.-])(?:[\w.:@/-]|\\[.-])*\])`
const simple = new RegExp(
  String.raw`^\^(?:${piece}(?:\{\d\})?)*(?:${piece}(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})(?:${piece}(?:\{\d\})?)*)?\$$`,
)

function compile(source: string): Pattern | string {
  if (source.length > 1000) return 'the pattern is longer than 1000 characters'
  try {
    if (simple.test(source)) return new RegExp(source, 'u')
    return RE2JS.compile(toRe2(source))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** ECMA-262's `\uXXXX` and `\u{X}` in RE2's spelling. */
function toRe2(source: string): string {
  return source.replace(/\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|.)/gs, (whole, braced?: string, four?: string) =>
    braced !== undefined || four !== undefined ? `\\x{${braced ?? four}}` : whole,
  )
}
