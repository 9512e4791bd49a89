import {type CelInput, type CelResult, isCelError, plan} from '@bufbuild/cel'
import {nearest} from '../nearest.ts'
import {celEnvironment} from './environment.ts'
import {ExpressionError} from './errors.ts'
import {guard, previousPrefix, weigh} from './guard.ts'
import {limits} from './limits.ts'
import {type Budget, Meter, withMeter} from './meter.ts'
import {type Expression, referencesIn} from './parse.ts'
import type {Template} from './template.ts'
import type {Scope, TypeScope} from './types.ts'
import {OMIT, omitted, plain, toCel, toJs, ValueError} from './values.ts'

export interface EvaluateOptions {
  /** With it, a whole number where the type says `double` stays a double: `params.ratio / 2.0` must not depend on the answer. */
  types?: TypeScope
  /** Shared by many evaluations; each has its own limit besides. */
  budget?: Budget
  /** The scope of the state before, for `changed(params.x)`; without it everything has changed. */
  previous?: Scope
}

interface Program {
  run: (bindings: Record<string, CelInput>) => CelResult
  offsets: number[]
  names: Set<string>
  weight: number
}

const programs = new WeakMap<Expression, Program>()

/**
 * Evaluates: plain JSON values out (maps as objects with sorted keys), integers as `number`, secrets as tokens, or {@link OMIT}.
 * @throws ExpressionError `template.failed`
 */
export function evaluateExpression(expression: Expression, scope: Scope, options: EvaluateOptions = {}): unknown {
  const program = programOf(expression)
  const bindings: Record<string, CelInput> = Object.create(null)
  for (const name of program.names) {
    if (!Object.hasOwn(scope, name)) {
      const guess = nearest(name, Object.keys(scope))
      throw failed(
        expression,
        0,
        'unknown-name',
        `there is no \`${name}\` here`,
        guess === undefined ? undefined : `did you mean ${guess}?`,
      )
    }
    bindings[name] = toCel(scope[name], options.types?.[name])
  }
  for (const [name, value] of Object.entries(options.previous ?? {}))
    bindings[previousPrefix + name] = toCel(value, options.types?.[name])
  const meter = new Meter(options.budget)
  return withMeter(meter, () => {
    try {
      meter.charge(program.weight)
      const result = program.run(bindings)
      // CEL's || and && can swallow an error, the meter's too: it is asked in any case.
      if (meter.exceeded !== undefined) throw new Error(meter.exceeded)
      if (isCelError(result)) {
        throw failed(
          expression,
          program.offsets[Number(result.exprId ?? 0)] ?? 0,
          'evaluation',
          describe(result.message),
        )
      }
      return result === omitted ? OMIT : toJs(plain(result, meter))
    } catch (error) {
      if (meter.exceeded !== undefined)
        throw failed(expression, 0, 'limit', meter.exceeded, 'make fewer or smaller values')
      if (error instanceof ValueError) throw failed(expression, 0, 'value', error.message, error.fix)
      if (error instanceof RangeError)
        throw failed(expression, 0, 'limit', 'the value is nested too deep', 'make flatter values')
      throw error
    }
  })
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
      throw new ExpressionError('template.failed', {
        position: template.position,
        rule: 'limit',
        message,
        fix: 'make smaller values',
      })
    }
  }
  return text
}

function programOf(expression: Expression): Program {
  const known = programs.get(expression)
  if (known !== undefined) return known
  const {expr, offsets} = guard(expression.root)
  const names = new Set(referencesIn(expression).map(([name]) => name ?? ''))
  names.delete('strings')
  const program: Program = {run: plan(celEnvironment(), expr), offsets, names, weight: weigh(expression.root)}
  programs.set(expression, program)
  return program
}

function notText(expression: Expression, value: unknown): ExpressionError {
  const source = expression.source.trim()
  if (value === null)
    return failed(
      expression,
      0,
      'null-in-text',
      'the value is null, inside a text',
      `say what to write then: \${${source} != null ? ${source} : ""}`,
    )
  if (value === OMIT)
    return failed(expression, 0, 'omit-in-text', 'omit() inside a text', 'omit() must be the whole value')
  if (typeof value === 'object')
    return failed(
      expression,
      0,
      'not-a-string',
      `the value is a ${Array.isArray(value) ? 'list' : 'map'}, inside a text`,
      `write toJson(${source})`,
    )
  return failed(
    expression,
    0,
    'not-a-string',
    `the value is ${value}, no string; a text takes strings only`,
    `write string(${source})`,
  )
}

function failed(expression: Expression, offset: number, rule: string, message: string, fix?: string): ExpressionError {
  return new ExpressionError('template.failed', {
    position: expression.locate(offset),
    rule,
    message,
    expression: expression.source,
    ...(fix === undefined ? {} : {fix}),
  })
}

/** The library's words, with operators as they are written. */
function describe(message: string): string {
  const overload = /^found no matching overload for '([^']+)' applied to '(.*)'$/.exec(message)
  if (overload !== null) {
    const operator = (overload[1] ?? '')
      .replace(/^_(.+)_$/, '$1')
      .replace(/^([!-])_$/, '$1')
      .replace('@in', 'in')
    return `${operator} does not take ${overload[2]?.replace(/null_type/g, 'null')}`
  }
  return message
    .replace(/^field not found: /, 'there is no field ')

    .replace(/^index (-?\d+) out of bounds.*/, 'index $1 is out of bounds')
    .replace(/^unresolved attribute$/, 'a name cannot be resolved')
}
