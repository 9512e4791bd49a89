import {
  type EvaluateOptions,
  ExpressionError,
  evaluateExpression,
  evaluateTemplate,
  isTemplate,
  OMIT,
  parseExpression,
  parseTemplate,
  referencesIn,
  type Scope,
} from '../expr/index.ts'
import {isRecord} from './json.ts'

/** What an expression is worth, or why it cannot be worked out: the package's fault, told with the field that has it. */
export type Outcome = {value: unknown} | {why: string}

/** CEL, or a value with `${}` in it, parsed once. One that cannot be parsed reads nothing, and says why when it is evaluated. */
export interface Computed {
  /** Paths of names, outermost first: `['params', 'smtp', 'port']`. */
  reads: string[][]
  evaluate(scope: Scope, options?: EvaluateOptions): Outcome
}

/** Bare CEL. */
export function compileExpression(source: string, where: string): Computed {
  return attempt(() => {
    const expression = parseExpression(source, {file: where, line: 1, column: 1})
    return {reads: referencesIn(expression), worth: (...scope) => evaluateExpression(expression, ...scope)}
  })
}

/** A value with templates at any depth: a default, a request. Plain values read nothing. */
export function compileValue(value: unknown, where: string): Computed {
  return attempt(() => compileNode(value, where))
}

/** Has the value templates in it? */
export function isTemplated(value: unknown): boolean {
  return value !== undefined && isTemplate(JSON.stringify(value))
}

interface Compiled {
  reads: string[][]
  /** @throws ExpressionError */
  worth(scope: Scope, options?: EvaluateOptions): unknown
}

function attempt(compile: () => Compiled): Computed {
  try {
    const {reads, worth} = compile()
    return {
      reads,
      evaluate(...scope) {
        try {
          return {value: worth(...scope)}
        } catch (error) {
          return failure(error)
        }
      },
    }
  } catch (error) {
    const broken = failure(error)
    return {reads: [], evaluate: () => broken}
  }
}

/** Without its position: parameters are told by their field. */
function failure(error: unknown): {why: string} {
  if (error instanceof ExpressionError) return {why: error.problem.message}
  throw error
}

function compileNode(value: unknown, where: string): Compiled {
  if (typeof value === 'string' && isTemplate(value)) {
    const template = parseTemplate(value, {file: where, line: 1, column: 1})
    const expressions = template.parts.flatMap(part => ('expression' in part ? [part.expression] : []))
    return {reads: expressions.flatMap(referencesIn), worth: (...scope) => evaluateTemplate(template, ...scope)}
  }
  if (typeof value !== 'object' || value === null) return {reads: [], worth: () => value}
  const parts = Object.entries(value).map(([key, item]) => [key, compileNode(item, where)] as const)
  return {
    reads: parts.flatMap(([, part]) => part.reads),
    worth(...scope) {
      const entries = parts.map(([key, part]) => [key, part.worth(...scope)] as const)
      const there = entries.filter(([, item]) => item !== OMIT)
      return isRecord(value) ? Object.fromEntries(there) : there.map(([, item]) => item)
    },
  }
}
