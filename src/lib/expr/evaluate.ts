import {ExpressionError, problemAt} from './errors.ts'
import {createEvaluator} from './evaluator.ts'
import {limits} from './limits.ts'
import type {Expression} from './parse.ts'
import {type Budget, Fault, Run} from './run.ts'
import type {Template} from './template.ts'
import type {Scope, TypeScope} from './types.ts'
import {OMIT, plain, toJs} from './values.ts'

export interface EvaluateOptions {
  /** With it, a whole number where the type says `double` stays a double: `params.ratio / 2.0` must not depend on the answer. */
  types?: TypeScope
  /** Shared by many evaluations; each has its own limit besides. */
  budget?: Budget
  /** The scope of the state before, for `changed(params.x)`; without it everything has changed. */
  previous?: Scope
}

/**
 * Evaluates: plain JSON values out (maps as objects with sorted keys), integers as `number`, secrets as tokens, or {@link OMIT}.
 * @throws ExpressionError `template.failed`
 */
export function evaluateExpression(expression: Expression, scope: Scope, options: EvaluateOptions = {}): unknown {
  const run = new Run(options.budget)
  try {
    const value = createEvaluator(run, scope, options.types, options.previous)(expression.root)
    return value === OMIT ? OMIT : toJs(plain(value, run))
  } catch (error) {
    if (error instanceof Fault) throw failed(expression, error.rule, error.message, error.fix, error.at ?? run.at)
    // What is in scope may be nested as deep as JSON can be.
    if (error instanceof RangeError)
      throw failed(expression, 'limit', 'the value is nested too deep', 'make flatter values')
    throw error
  }
}

/**
 * The typed value of a template that is one expression, else the concatenation of its parts, which must be strings.
 * @throws ExpressionError `template.failed`
 */
export function evaluateTemplate(template: Template, scope: Scope, options: EvaluateOptions = {}): unknown {
  if (template.whole !== undefined) return evaluateExpression(template.whole, scope, options)
  let text = ''
  for (const part of template.parts) {
    if ('literal' in part) text += part.literal
    else {
      const value = evaluateExpression(part.expression, scope, options)
      if (typeof value !== 'string') throw notText(part.expression, value)
      text += value
    }
    if (text.length > limits.stringLength) {
      const message = `the text grows over ${limits.stringLength} characters`
      const {position} = template
      throw new ExpressionError('template.failed', {position, rule: 'limit', message, fix: 'make smaller values'})
    }
  }
  return text
}

function notText(expression: Expression, value: unknown): ExpressionError {
  const source = expression.source.trim()
  if (value === null) {
    const fix = `say what to write then: \${${source} != null ? ${source} : ""}`
    return failed(expression, 'null-in-text', 'the value is null, inside a text', fix)
  }
  if (value === OMIT)
    return failed(expression, 'omit-in-text', 'omit() inside a text', 'omit() must be the whole value')
  if (typeof value === 'object') {
    const message = `the value is a ${Array.isArray(value) ? 'list' : 'map'}, inside a text`
    return failed(expression, 'not-a-string', message, `write toJson(${source})`)
  }
  const message = `the value is ${value}, no string; a text takes strings only`
  return failed(expression, 'not-a-string', message, `write string(${source})`)
}

function failed(expression: Expression, rule: string, message: string, fix?: string, at = 0): ExpressionError {
  return new ExpressionError('template.failed', problemAt(expression, rule, at, message, fix))
}
