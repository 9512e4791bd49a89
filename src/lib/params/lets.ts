import type {Evaluation} from './evaluate-fields.ts'
import type {Fault} from './schema/fault.ts'
import {evaluateIn, fullScope, readsFaulty} from './scope.ts'
import type {ResolveContext} from './types.ts'
import {compileExpression} from './value-template.ts'

/**
 * The values of `let`, each after those it reads. One that reads a faulty parameter, or a `let` without a value, is left out: the
 * parameter's own error says enough.
 */
export function evaluateLets(
  declared: Readonly<Record<string, string>>,
  evaluation: Evaluation,
  context: ResolveContext,
): {lets: Record<string, unknown>; faults: Fault[]} {
  const compiled = new Map(
    Object.entries(declared).map(([name, source]) => [name, compileExpression(source, `let ${name}`)]),
  )
  const lets: Record<string, unknown> = {}
  const faults: Fault[] = []
  const begun = new Set<string>()
  for (const name of compiled.keys()) visit(name, [])
  const inOrder = Object.keys(declared).filter(name => Object.hasOwn(lets, name))
  return {lets: Object.fromEntries(inOrder.map(name => [name, lets[name]])), faults}

  function visit(name: string, way: string[]): void {
    if (way.includes(name)) {
      const loop = [...way.slice(way.indexOf(name)), name].join(' → ')
      faults.push({path: [], code: 'cycle', message: `the package's let ${name} reads itself: ${loop}`})
      return
    }
    const computed = compiled.get(name)
    if (begun.has(name) || computed === undefined) return
    begun.add(name)
    if (!('broken' in computed)) {
      const others = computed.reads.map(([root = '']) => root).filter(root => compiled.has(root))
      for (const other of others) visit(other, [...way, name])
      if (readsFaulty(computed, evaluation) || others.some(other => !Object.hasOwn(lets, other))) return
    }
    const result = evaluateIn(computed, fullScope(evaluation, context, lets), evaluation)
    if ('value' in result) lets[name] = result.value
    else faults.push({path: [], code: 'let', message: `the package's let ${name} cannot be worked out: ${result.why}`})
  }
}
