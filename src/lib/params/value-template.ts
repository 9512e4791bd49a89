import {
  type Expression,
  ExpressionError,
  evaluateExpression,
  evaluateTemplate,
  isTemplate,
  OMIT,
  parseExpression,
  parseTemplate,
  referencesIn,
  type Scope,
  type Template,
  type TypeScope,
} from '../expr/index.ts'
import {isRecord} from './pointer.ts'

/** CEL or a value with `${}` in it, parsed once: what it reads, and what it is worth in a scope. */
export interface Computed {
  /** Paths of names, outermost first: `['params', 'smtp', 'port']`. */
  reads: string[][]
  /** @throws ExpressionError */
  evaluate(scope: Scope, types?: TypeScope): unknown
}

/** A faulty expression of the package, to be told with the field that has it. */
export interface Broken {
  broken: string
}

/** Parses bare CEL. */
export function compileExpression(source: string, where: string): Computed | Broken {
  return attempt(() => {
    const expression = parseExpression(source, place(where))
    return {
      reads: referencesIn(expression),
      evaluate: (scope, types) => evaluateExpression(expression, scope, types === undefined ? {} : {types}),
    }
  })
}

/** Parses a value with templates at any depth: a default, a request. Plain values read nothing. */
export function compileValue(value: unknown, where: string): Computed | Broken {
  return attempt(() => compileNode(value, where))
}

/** Says why an evaluation failed, without its position: parameters are told by their field. */
export function describeFailure(error: unknown): string {
  if (error instanceof ExpressionError) return error.problem.message
  throw error
}

function attempt(compile: () => Computed): Computed | Broken {
  try {
    return compile()
  } catch (error) {
    return {broken: describeFailure(error)}
  }
}

function compileNode(value: unknown, where: string): Computed {
  if (typeof value === 'string' && isTemplate(value)) {
    const template = parseTemplate(value, place(where))
    return {
      reads: expressionsOf(template).flatMap(referencesIn),
      evaluate: (scope, types) => evaluateTemplate(template, scope, types === undefined ? {} : {types}),
    }
  }
  if (Array.isArray(value)) {
    const items = value.map(item => compileNode(item, where))
    return {
      reads: items.flatMap(item => item.reads),
      evaluate: (scope, types) => items.map(item => item.evaluate(scope, types)).filter(item => item !== OMIT),
    }
  }
  if (isRecord(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, compileNode(item, where)] as const)
    return {
      reads: entries.flatMap(([, item]) => item.reads),
      evaluate: (scope, types) =>
        Object.fromEntries(
          entries.map(([key, item]) => [key, item.evaluate(scope, types)]).filter(([, item]) => item !== OMIT),
        ),
    }
  }
  return {reads: [], evaluate: () => value}
}

function expressionsOf(template: Template): Expression[] {
  return template.parts.flatMap(part => ('expression' in part ? [part.expression] : []))
}

function place(where: string) {
  return {file: where, line: 1, column: 1}
}
