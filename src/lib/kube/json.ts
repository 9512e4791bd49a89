/**
 * JSON that keeps every integer. Kubernetes has int64 fields and CRDs with free-form numbers, JavaScript's `number` ends at 2^53: what
 * does not fit comes as a `bigint` and goes out as the same digits. (`JSON.rawJSON` objects would survive a plain `JSON.stringify`, but
 * turn into `{rawJSON: …}` without a word as soon as someone copies the tree; a bigint is the same value everywhere or throws.)
 * @public
 */
export function parseJson(text: string): unknown {
  try {
    return longInteger.test(text) ? JSON.parse(text, keepInteger) : JSON.parse(text)
  } catch {
    // V8's message quotes the text, which may be a Secret: neither it nor the cause goes on.
    throw new SyntaxError('not valid JSON')
  }
}

/** The way back, with every bigint as its digits. @public */
export function stringifyJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (!(error instanceof TypeError && /BigInt/.test(error.message))) throw error
    return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? rawJson(part.toString()) : part))
  }
}

/** Cheap first look: 16 digits in a row where a number may begin. Hits inside strings only cost the slower parse. */
const longInteger = /(?:^|[[:,])\s*-?\d{16,}/

function keepInteger(_key: string, value: unknown, context?: {source?: string}): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value)) return value
  return context?.source !== undefined && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value
}

// In V8 since 11.4, not yet in TypeScript's es2025 library (TC39 proposal-json-parse-with-source).
const rawJson = (JSON as unknown as {rawJSON(text: string): unknown}).rawJSON
