import {type Field, flatten, listFields} from './fields.ts'
import {isRecord} from './pointer.ts'
import type {ParametersSchema} from './types.ts'
import {type Broken, type Computed, compileExpression, compileValue} from './value-template.ts'

/** A field with its expressions parsed. */
export interface PlannedField {
  field: Field
  when: Computed | Broken | undefined
  default: Computed | Broken | undefined
  /** Of a binding: what it asks for. It may read everything, as nothing reads it. */
  request: Computed | Broken | undefined
  /** Fields whose values must be known before. */
  needs: PlannedField[]
  /** In this order of names each needs the next, and the last the first again. */
  cycle: string[] | undefined
}

/** The fields of a schema in an order in which each finds what it reads; parents come before their children. */
export interface FieldPlan {
  /** Top-level fields, in the form's order. */
  fields: Field[]
  /** In the form's order. */
  inForm: PlannedField[]
  inOrder: PlannedField[]
}

const plans = new WeakMap<ParametersSchema, FieldPlan>()

/** Plans once per schema: forms ask again after every answer. */
export function planFields(parameters: ParametersSchema): FieldPlan {
  const known = plans.get(parameters)
  if (known !== undefined) return known
  const fields = listFields(parameters)
  const planned = flatten(fields).map(compile)
  for (const one of planned) {
    const read = [...parametersRead(one.when), ...parametersRead(one.default)]
    one.needs = planned.filter(({field}) => field === one.field.parent || read.some(path => touches(path, field)))
    one.needs = one.needs.filter(other => other !== one)
  }
  const plan = {fields, inForm: planned, inOrder: sort(planned)}
  plans.set(parameters, plan)
  return plan
}

function compile(field: Field): PlannedField {
  const {when, request} = field.param
  const at = `parameter ${field.name}`
  return {
    field,
    when: when === undefined ? undefined : compileExpression(when, at),
    default: field.default === undefined ? undefined : compileValue(field.default, at),
    request: field.param.kind === 'binding' && isRecord(request) ? compileValue(request, at) : undefined,
    needs: [],
    cycle: undefined,
  }
}

/** What a computed thing reads of the parameters, as dotted paths; `''` for all of them. */
function parametersRead(computed: Computed | Broken | undefined): string[][] {
  if (computed === undefined || 'broken' in computed) return []
  return computed.reads.filter(([root]) => root === 'params').map(([, ...path]) => path)
}

/** Does reading this path touch the field: itself, something within it, or a group around it? */
export function touches(path: readonly string[], field: Field): boolean {
  const shared = Math.min(path.length, field.path.length)
  if (!field.path.slice(0, shared).every((step, index) => step === path[index])) return false
  // a group is made of its children: reading one child does not touch its brothers, but needs the group itself to be there
  return true
}

/** Depth first, so that what is needed comes before; a way that comes back to itself is a cycle. */
function sort(planned: PlannedField[]): PlannedField[] {
  const done = new Set<PlannedField>()
  const order: PlannedField[] = []
  for (const one of planned) visit(one, [])
  return order

  function visit(one: PlannedField, way: PlannedField[]): void {
    if (done.has(one)) return
    const start = way.indexOf(one)
    if (start >= 0) {
      const cycle = way.slice(start)
      for (const member of cycle) member.cycle ??= cycle.map(({field}) => field.name)
      return
    }
    for (const other of one.needs) visit(other, [...way, one])
    if (!done.has(one)) order.push(one)
    done.add(one)
  }
}

/** A field whose expressions read its own value: the shortest cycle, which {@link sort} does not see. */
export function readsItself({field, when, default: byDefault}: PlannedField): boolean {
  return [...parametersRead(when), ...parametersRead(byDefault)].some(path => touches(path, field))
}
