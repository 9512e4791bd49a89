import {ExpressionError, inlineLocator} from './errors.ts'
import {tokenize} from './lexer.ts'
import {limits} from './limits.ts'
import {type Expression, parseExpression} from './parse.ts'
import type {Locator, Position} from './types.ts'

export type TemplatePart = {literal: string} | {expression: Expression}

/** A text with `${…}` in it. `whole` where it is exactly one expression: its value keeps its type. */
export interface Template {
  readonly text: string
  readonly position: Position
  readonly parts: readonly TemplatePart[]
  readonly whole: Expression | undefined
}

/** Is there anything to parse? Plain texts are by far the most. */
export function isTemplate(text: string): boolean {
  return text.includes('${')
}

/** Writes a text so that {@link parseTemplate} gives it back as one literal. */
export function escapeTemplate(text: string): string {
  return text.replaceAll('${', () => '$${')
}

/**
 * Splits a text at its `${…}`; `$${` is a literal `${`. Braces and strings inside an expression are understood.
 * @throws ExpressionError `package.invalid` for an unterminated `${` or a faulty expression
 */
export function parseTemplate(
  text: string,
  position: Position,
  locate: Locator = inlineLocator(text, position),
): Template {
  if (text.length > limits.templateLength) {
    const message = `the text has ${text.length} characters, ${limits.templateLength} are allowed in a template`
    throw new ExpressionError('package.invalid', {
      position,
      rule: 'limit',
      message,
      fix: 'put it into files/ and use {$raw: …}',
    })
  }
  const parts: TemplatePart[] = []
  let literal = ''
  let at = 0
  while (at < text.length) {
    const next = text.indexOf('${', at)
    if (next < 0) break
    if (text[next - 1] === '$' && next > at) {
      literal += `${text.slice(at, next - 1)}\${`
      at = next + 2
      continue
    }
    literal += text.slice(at, next)
    if (literal !== '') parts.push({literal})
    literal = ''
    const end = endOfExpression(text, next + 2)
    if (end === undefined) throw unterminated(text.slice(next), locate(next))
    const start = next + 2
    parts.push({expression: parseExpression(text.slice(start, end), locate(start), offset => locate(start + offset))})
    at = end + 1
  }
  literal += text.slice(at)
  if (literal !== '' || parts.length === 0) parts.push({literal})
  const [only] = parts
  return {
    text,
    position,
    parts,
    whole: parts.length === 1 && only !== undefined && 'expression' in only ? only.expression : undefined,
  }
}

const simple = /[^{}"'/]*\}/y

/** Offset of the `}` that closes an expression beginning at `start`. */
function endOfExpression(text: string, start: number): number | undefined {
  // Most have neither braces nor strings nor comments inside.
  simple.lastIndex = start
  if (simple.test(text)) return simple.lastIndex - 1
  let depth = 0
  for (const token of tokenize(text, start)) {
    if (token.kind === 'bad' && /["']/.test(token.text)) return undefined
    if (token.text === '{') depth++
    else if (token.text === '}' && depth-- === 0) return token.at
  }
  return undefined
}

function unterminated(rest: string, position: Position): ExpressionError {
  return new ExpressionError('package.invalid', {
    position,
    rule: 'unterminated',
    message: '`${` is never closed: YAML ends an unquoted text at " #" and cuts `: ` and `, ` in flow style',
    expression: rest,
    fix: `quote the whole text: '${rest.split('\n')[0]} …}' ; a literal \${ is written $\${`,
  })
}
