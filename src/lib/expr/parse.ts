import {ExpressionError, inlineLocator} from './errors.ts'
import {limits} from './limits.ts'
import {childrenOf, type Node, toTree, UnsupportedSyntax} from './tree.ts'
import type {Locator, Position} from './types.ts'

/** A parsed expression: give it to `checkExpression`, `evaluateExpression`, `referencesIn`. */
export interface Expression {
  readonly source: string
  readonly position: Position
  readonly locate: Locator
  /** Our syntax tree, for this room only. */
  readonly root: Node
}

/**
 * Parses bare CEL (no `${}`).
 * @param position where the source begins in its file
 * @param locate where an offset of the source stands; one line, if not given
 * @throws ExpressionError `package.invalid`
 */
export function parseExpression(
  source: string,
  position: Position,
  locate: Locator = inlineLocator(source, position),
): Expression {
  const fail = (rule: string, message: string, at: number, fix?: string): never => {
    throw new ExpressionError('package.invalid', {
      position: locate(at),
      rule,
      message,
      expression: source,
      ...(fix === undefined ? {} : {fix}),
    })
  }
  if (source.length > limits.sourceLength) {
    fail(
      'limit',
      `the expression has ${source.length} characters, ${limits.sourceLength} are allowed`,
      0,
      'move parts of it to `let`',
    )
  }
  if (source.trim() === '') fail('syntax', 'the expression is empty', 0, 'write an expression, or a literal such as ""')
  const tooDeep = deepBracket(source)
  if (tooDeep !== undefined)
    fail('limit', `brackets are nested deeper than ${limits.depth}`, tooDeep, 'move parts of it to `let`')
  const root = tree()
  checkDepth(root, 1, 0)
  return {source, position, locate, root}

  function tree(): Node {
    try {
      return toTree(source)
    } catch (error) {
      if (error instanceof UnsupportedSyntax) return fail('unsupported', error.message, error.at, error.fix)
      const {at, message, fix} = describeSyntax(error, source)
      return fail('syntax', message, at, fix)
    }
  }

  /** A chain of macros (`xs.map(…).filter(…)`) is not nested: its lengths add up, they do not multiply. */
  function checkDepth(node: Node, depth: number, macros: number): void {
    if (depth > limits.nodeDepth)
      fail('limit', `the expression is nested deeper than ${limits.nodeDepth}`, node.at, 'move parts of it to `let`')
    const inside = macros + (node.k === 'macro' ? 1 : 0)
    if (inside > limits.macroDepth)
      fail(
        'limit',
        `more than ${limits.macroDepth} macros are nested in one another`,
        node.at,
        'compute the inner list once in `let`',
      )
    for (const child of childrenOf(node))
      checkDepth(child, depth + 1, node.k === 'macro' && child === node.range ? macros : inside)
  }
}

/**
 * All names and field paths that an expression reads, outermost first: `params.smtp.host` is `['params', 'smtp', 'host']`. Variables of
 * macros are left out; a path ends where an index or a call begins.
 */
export function referencesIn(expression: Expression): string[][] {
  const found: string[][] = []
  visit(expression.root, new Set())
  return found

  function visit(node: Node, bound: ReadonlySet<string>): void {
    const path = pathOf(node)
    if (path !== undefined) {
      if (!bound.has(path[0] ?? '')) found.push(path)
      return
    }
    if (node.k !== 'macro') {
      for (const child of childrenOf(node)) visit(child, bound)
      return
    }
    visit(node.range, bound)
    const inner = new Set([...bound, node.variable])
    if (node.test !== undefined) visit(node.test, inner)
    if (node.step !== undefined) visit(node.step, inner)
  }
}

/** `['params', 'smtp', 'host']` of `params.smtp.host` or `params["smtp"].host`; undefined for anything else. */
export function pathOf(node: Node): string[] | undefined {
  if (node.k === 'name') return [node.name]
  if (node.k === 'select' || node.k === 'has') {
    const operand = pathOf(node.operand)
    return operand === undefined ? undefined : [...operand, node.field]
  }
  if (node.k === 'call' && node.fn === '_[_]') {
    const [target, index] = node.args
    const operand = target === undefined ? undefined : pathOf(target)
    return operand !== undefined && index?.k === 'const' && typeof index.value === 'string'
      ? [...operand, index.value]
      : undefined
  }
  return undefined
}

/** Offset of the first bracket beyond the limit. Strings are skipped roughly: enough, as the parser is asked afterwards. */
function deepBracket(source: string): number | undefined {
  let depth = 0
  for (const match of source.matchAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[([{]|[)\]}]/g)) {
    if (match[0].length > 1) continue
    depth += '([{'.includes(match[0]) ? 1 : ')]}'.includes(match[0]) ? -1 : 0
    if (depth > limits.depth) return match.index
  }
  return undefined
}

function describeSyntax(error: unknown, source: string): {at: number; message: string; fix?: string} {
  const {location, message} = error as {location?: {start: {offset: number}}; message: string}
  if (location === undefined) return {at: 0, message}
  const at = location.start.offset
  const rest = source.slice(at)
  if (rest.trim() === '') return {at, message: 'the expression ends too early'}
  if (/^=[^=]/.test(rest)) return {at, message: 'unexpected `=`', fix: 'compare with =='}
  if (/^\?/.test(rest) && source.slice(0, at).includes('?')) {
    return {at, message: 'unexpected `?`', fix: 'put the inner condition in parentheses: a ? (b ? 1 : 2) : 3'}
  }
  if (/^["']/.test(rest)) return {at, message: 'a string is not closed', fix: 'end it with the quote it began with'}
  if (/^\$\{/.test(rest))
    return {
      at,
      message: 'unexpected `${`: an expression does not contain templates',
      fix: 'concatenate: "a" + params.x',
    }
  if (/^(and|or|not)\b/.test(rest))
    return {at, message: `unexpected \`${rest.match(/^\w+/)?.[0]}\``, fix: 'write && || !'}
  return {at, message: `unexpected \`${rest.match(/^(\w+|\S)/)?.[0] ?? rest.charAt(0)}\``}
}
