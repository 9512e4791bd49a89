import {ExpressionError, inlineLocator, problemAt} from './errors.ts'
import {limits} from './limits.ts'
import {parseTree, SyntaxFault} from './parser.ts'
import {type Constant, childrenOf, type Node, pathOf} from './tree.ts'
import type {Locator, Position} from './types.ts'

/** A parsed expression: give it to `checkExpression`, `evaluateExpression`, `referencesIn`. */
export interface Expression {
  readonly source: string
  readonly position: Position
  readonly locate: Locator
  /** The syntax tree, for this room only. */
  readonly root: Node
}

/** `app.name` stands in a package many times. */
const trees = new Map<string, Node>()

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
  try {
    if (source.length > limits.sourceLength)
      throw tooMuch(0, `the expression has ${source.length} characters, ${limits.sourceLength} are allowed`)
    if (source.trim() === '')
      throw new SyntaxFault('syntax', 0, 'the expression is empty', 'write an expression, or a literal such as ""')
    const root = trees.get(source) ?? parseTree(source)
    checkDepth(root, 1, 0)
    trees.set(source, root)
    return {source, position, locate, root}
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    const {rule, at, message, fix} = error
    throw new ExpressionError('package.invalid', problemAt({source, locate}, rule, at, message, fix))
  }
}

/** A chain of macros (`xs.map(…).filter(…)`) is not nested: its lengths add up, they do not multiply. */
function checkDepth(node: Node, depth: number, macros: number): void {
  if (depth > limits.nodeDepth) throw tooMuch(node.at, `the expression is nested deeper than ${limits.nodeDepth}`)
  const inside = macros + (node.k === 'macro' ? 1 : 0)
  if (inside > limits.macroDepth)
    throw tooMuch(node.at, `more than ${limits.macroDepth} macros are nested in one another`)
  for (const child of childrenOf(node))
    checkDepth(child, depth + 1, node.k === 'macro' && child === node.range ? macros : inside)
}

function tooMuch(at: number, message: string): SyntaxFault {
  return new SyntaxFault('limit', at, message, 'move parts of it to `let`')
}

/**
 * All names and field paths that an expression reads, outermost first: `params.smtp.host` is `['params', 'smtp', 'host']`. Variables of
 * macros are left out; a path ends where an index or a call begins.
 */
export function referencesIn(expression: Expression): string[][] {
  return pathsIn(expression.root, new Set())
}

/** Comparisons of a path with a constant: `params.mode == "fast"`. */
export interface Comparison {
  path: string[]
  op: '==' | '!='
  value: Constant
  position: Position
}

export function comparisonsIn({root, locate}: Expression): Comparison[] {
  return comparisons(root)

  function comparisons(node: Node): Comparison[] {
    const below = childrenOf(node).flatMap(comparisons)
    if (node.k !== 'binary' || (node.op !== '==' && node.op !== '!=')) return below
    const {op, left, right} = node
    const [path, constant] = left.k === 'const' ? [pathOf(right), left] : [pathOf(left), right]
    if (path === undefined || constant.k !== 'const') return below
    return [...below, {path, op, value: constant.value, position: locate(node.at)}]
  }
}

function pathsIn(node: Node, bound: ReadonlySet<string>): string[][] {
  const path = pathOf(node)
  if (path !== undefined) return bound.has(path[0] ?? '') ? [] : [path]
  const inner = node.k === 'macro' ? new Set([...bound, node.variable]) : bound
  return childrenOf(node).flatMap(child => pathsIn(child, node.k === 'macro' && child === node.range ? bound : inner))
}
