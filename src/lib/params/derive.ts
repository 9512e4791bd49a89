import {type Evaluation, isFaulty, workOut} from './evaluate.ts'
import {compileExpression} from './expressions.ts'
import {fromPointer} from './json.ts'
import {inOrderOfNeed} from './order.ts'
import {checkValue} from './schema/check.ts'
import type {Fault} from './schema/fault.ts'
import type {BindingNeed, ParamSchema, Rule} from './types.ts'

/** The values of `let`. One that waits, for a faulty parameter or another `let`, is left out: the parameter's own error says enough. */
export function evaluateLets(
  declared: Readonly<Record<string, string>>,
  evaluation: Evaluation,
): {lets: Record<string, unknown>; faults: Fault[]} {
  const compiled = new Map(
    Object.entries(declared).map(([name, source]) => [name, compileExpression(source, `let ${name}`)]),
  )
  const readBy = (name: string) =>
    (compiled.get(name)?.reads ?? []).flatMap(([root = '']) => (compiled.has(root) ? [root] : []))
  const {order, loops} = inOrderOfNeed(compiled.keys(), readBy)
  const faults = loops.map((loop): Fault => {
    const [first] = loop
    return {
      path: [],
      code: 'cycle',
      message: `the package's let ${first} reads itself: ${[...loop, first].join(' → ')}`,
    }
  })
  const lets: Record<string, unknown> = {}
  for (const name of order) {
    const computed = compiled.get(name)
    if (computed === undefined || readBy(name).some(other => !Object.hasOwn(lets, other))) continue
    const result = workOut(evaluation, computed, lets)
    if (result === undefined) continue
    if ('value' in result) lets[name] = result.value
    else faults.push({path: [], code: 'let', message: `the package's let ${name} cannot be worked out: ${result.why}`})
  }
  return {lets, faults}
}

/** Checks across fields. One that waits is not told. */
export function checkRules(
  rules: readonly Rule[],
  declared: Readonly<Record<string, string>>,
  lets: Record<string, unknown>,
  evaluation: Evaluation,
): Fault[] {
  return rules.flatMap(({check, field, message}): Fault[] => {
    const path = fromPointer(field)
    const computed = compileExpression(check, `rule on ${field}`)
    const waits = computed.reads.some(([root = '']) => Object.hasOwn(declared, root) && !Object.hasOwn(lets, root))
    const result = waits ? undefined : workOut(evaluation, computed, lets)
    if (result === undefined || ('value' in result && result.value === true)) return []
    if ('value' in result) return [{path, code: 'rule', message}]
    return [{path, code: 'template', message: `the package's rule cannot be checked: ${result.why}`}]
  })
}

/** The bindings that are answered, each with what it asks for worked out and checked against its interface. */
export function evaluateRequests(
  lets: Record<string, unknown>,
  evaluation: Evaluation,
): {bindings: BindingNeed[]; faults: Fault[]} {
  const {fields, context, scope, stateOf} = evaluation
  const faults: Fault[] = []
  let provides: Record<string, unknown> | undefined
  const bindings = fields.all.flatMap(field => {
    const {active, result} = stateOf(field)
    return active === true ? (result?.bindings ?? []).map(need => workOutRequest(need, field)) : []
  })
  return {bindings, faults}

  function workOutRequest(need: BindingNeed, {path, request}: (typeof fields.all)[number]): BindingNeed {
    if (request === undefined) return need
    if (request.reads.some(([root]) => root === 'provides')) {
      // addresses may depend on any of the parameters
      if (fields.all.some(field => isFaulty(stateOf(field)))) return need
      provides ??= context.provides?.(scope.params, lets)
      if (provides === undefined) return need
    }
    const result = workOut(evaluation, request, {...lets, provides})
    if (result === undefined) return need
    if ('why' in result) {
      faults.push({path, code: 'template', message: `the package's request cannot be worked out: ${result.why}`})
      return need
    }
    const properties = fields.interfaces[need.interface]?.request ?? {}
    const schema: ParamSchema = {type: 'object', properties}
    for (const fault of checkValue(schema, result.value, path, {...fields, root: schema})) {
      const message = `the package asks wrongly: ${fault.path.at(-1)} ${fault.message}`
      faults.push({...fault, code: 'request', message})
    }
    return {...need, request: result.value as Record<string, unknown>}
  }
}
