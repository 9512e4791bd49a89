import type {Evaluation} from './evaluate-fields.ts'
import {createExpander} from './expand.ts'
import {checkValue} from './schema/check.ts'
import type {Fault} from './schema/fault.ts'
import {evaluateIn, fullScope, readsFaulty} from './scope.ts'
import type {BindingNeed, ParamSchema, ResolveContext} from './types.ts'

/** The bindings that are answered, each with what it asks for worked out and checked against its interface. */
export function evaluateRequests(
  evaluation: Evaluation,
  context: ResolveContext,
): {bindings: BindingNeed[]; faults: Fault[]} {
  const {plan, states, interfaces} = evaluation
  const expand = createExpander(interfaces)
  let provides: Record<string, unknown> | undefined
  const faults: Fault[] = []
  const bindings = plan.inForm.flatMap(({field, request: asked}): BindingNeed[] => {
    const state = states.get(field)
    const [need] = state?.active === true ? (state.result?.bindings ?? []) : []
    if (need === undefined || asked === undefined) return need === undefined ? [] : [need]
    if (!('broken' in asked)) {
      if (readsFaulty(asked, evaluation)) return [need]
      if (asked.reads.some(([root]) => root === 'provides')) {
        if (context.provides === undefined) return [need]
        provides ??= context.provides(evaluation.params)
      }
    }
    const result = evaluateIn(asked, fullScope(evaluation, context, {provides}), evaluation)
    if ('why' in result) {
      faults.push({
        path: field.path,
        code: 'template',
        message: `the package's request cannot be worked out: ${result.why}`,
      })
      return [need]
    }
    const schema: ParamSchema = {type: 'object', properties: interfaces[need.interface]?.request ?? {}}
    faults.push(...checkValue(schema, result.value, field.path, {root: schema, expand}).map(blamePackage))
    return [{...need, request: result.value as Record<string, unknown>}]
  })
  return {bindings, faults}

  function blamePackage(fault: Fault): Fault {
    const at = fault.path.at(-1)
    return {...fault, code: 'request', message: `the package asks wrongly: ${String(at)} ${fault.message}`}
  }
}
