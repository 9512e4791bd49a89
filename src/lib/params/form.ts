import {type Evaluation, evaluateFields} from './evaluate-fields.ts'
import {followReference} from './expand.ts'
import {planFields} from './field-plan.ts'
import type {FieldState} from './field-state.ts'
import {isOptionalGroup} from './fields.ts'
import type {Choice, Interfaces} from './kinds/kind.ts'
import {isRecord, type Path, toPointer} from './pointer.ts'
import {renameAnswers, renameKept} from './renames.ts'
import type {Answers, ChoiceLookup, FormField, ParametersSchema, ParamSchema, ResolveContext} from './types.ts'
import {constraintsOf, kindName, kindOf, staticChoices, titleOf, widgetOf} from './widgets.ts'

/**
 * What a form needs, flat and in order: each field with its default worked out for these answers, its choices, and whether its
 * condition holds. Ask again after an answer: conditions and defaults may have changed.
 * @param lookup where choices come from the cluster; without it those are left out
 */
export async function formFields(
  parameters: ParametersSchema,
  given: Answers,
  context: ResolveContext,
  lookup?: ChoiceLookup,
): Promise<FormField[]> {
  // files and variables of secrets are read when they are used, not when a form is drawn
  const read = {file: () => Promise.resolve('unread'), env: () => 'unread'}
  const fields = planFields(parameters).inForm.map(({field}) => field)
  const kept = renameKept(fields, context.kept)
  const {answers} = renameAnswers(fields, given)
  const evaluation = await evaluateFields(parameters, answers, {...context, read, kept: new Set(kept.keys())})
  return Promise.all(
    evaluation.plan.inForm.map(async ({field}): Promise<FormField> => {
      const state = evaluation.states.get(field)
      const required = field.group ? !isOptionalGroup(field) : field.required
      const drawn = draw(field.param, field.path, evaluation.root, required, evaluation.interfaces)
      return {
        ...drawn,
        ...(await choicesFor(drawn, field.param, evaluation.root, lookup)),
        ...defaultFor(state, field.default),
        ...answerFor(state),
        ...(kept.has(field.name) ? {kept: true} : {}),
        active: isActive(state, evaluation),
      }
    }),
  )
}

/** A schema as a field, without what depends on answers. */
function draw(param: ParamSchema, path: Path, root: ParamSchema, required: boolean, interfaces: Interfaces): FormField {
  const kind = kindOf(param)
  const widget = widgetOf(param)
  const key = String(path.at(-1))
  return {
    field: toPointer(path),
    title: titleOf(param, key === '-' ? 'entry' : key),
    ...(param.description === undefined ? {} : {help: param.description}),
    kind: kindName(param),
    widget,
    required,
    advanced: param.advanced === true,
    ...(param.group === undefined ? {} : {group: param.group}),
    ...(param.placeholder === undefined ? {} : {placeholder: param.placeholder}),
    constraints: constraintsOf(param),
    ...(param.when === undefined ? {} : {when: param.when}),
    immutable: param.immutable === true,
    active: true,
    secret: kind?.widget === 'password',
    ...itemsFor(param, path, root, widget, interfaces),
  }
}

function itemsFor(
  param: ParamSchema,
  path: Path,
  root: ParamSchema,
  widget: FormField['widget'],
  interfaces: Interfaces,
): {item?: FormField[]} {
  const outright = kindOf(param)?.outright?.(param, interfaces)
  if (outright !== undefined) return {item: drawAll(outright.schema, [...path, outright.key], root, true, interfaces)}
  const entry = widget === 'list' ? param.items : widget === 'dictionary' ? param.additionalProperties : undefined
  if (!isRecord(entry) || path.length > 16)
    return widget === 'list' || widget === 'dictionary' ? {item: [text(path)]} : {}
  return {item: drawAll(entry as ParamSchema, [...path, '-'], root, true, interfaces)}
}

/** An entry about which the schema says nothing is a text. */
function text(path: Path): FormField {
  return draw({type: 'string'}, [...path, '-'], {}, true, {})
}

function drawAll(
  declared: ParamSchema,
  path: Path,
  root: ParamSchema,
  required: boolean,
  interfaces: Interfaces,
): FormField[] {
  const param = followReference(declared, root)
  const drawn = draw(param, path, root, required, interfaces)
  const own: FormField = {
    ...drawn,
    ...(param.default === undefined ? {} : {default: param.default}),
    ...withChoices(staticChoices(param)),
  }
  if (own.widget !== 'group' || path.length > 16) return [own]
  const children = Object.entries(param.properties ?? {}).flatMap(([key, child]) =>
    drawAll(child, [...path, key], root, isAsked(child, key, param), interfaces),
  )
  return [own, ...children]
}

/** Within an entry, a nested object belongs to it unless it says what it requires and nobody requires it. */
function isAsked(child: ParamSchema, key: string, parent: ParamSchema): boolean {
  if (parent.required?.includes(key) === true) return true
  return child.properties !== undefined && (child.required ?? []).length === 0
}

async function choicesFor(
  field: FormField,
  param: ParamSchema,
  root: ParamSchema,
  lookup: ChoiceLookup | undefined,
): Promise<{choices?: Choice[]; item?: FormField[]}> {
  const fixed = staticChoices(param)
  if (fixed.length > 0) return withChoices(fixed)
  if (field.item !== undefined && param.kind === undefined && lookup !== undefined) {
    const entry = followReference((param.items ?? param.additionalProperties ?? {}) as ParamSchema, root)
    const offered = (await kindOf(entry)?.choices?.(entry, lookup)) ?? []
    const [own, ...rest] = field.item
    return own === undefined ? {} : {item: [{...own, ...withChoices(offered)}, ...rest]}
  }
  return lookup === undefined ? {} : withChoices((await kindOf(param)?.choices?.(param, lookup)) ?? [])
}

function withChoices(choices: Choice[]): {choices?: Choice[]} {
  return choices.length > 0 ? {choices} : {}
}

function defaultFor(state: FieldState | undefined, declared: unknown): {default?: unknown} {
  if (state?.default !== undefined) return {default: state.default}
  // out of sight nothing was worked out; what needs no working out can be said all the same
  const plain = declared !== undefined && state?.active !== true && !JSON.stringify(declared).includes('${')
  return plain ? {default: declared} : {}
}

function answerFor(state: FieldState | undefined): {answer?: unknown} {
  if (state?.answer === undefined || state.planned.field.group) return {}
  if (state.planned.field.kind?.widget === 'password') return {}
  if (state.result?.stored !== undefined) return {answer: state.result.stored.answer}
  return state.planned.field.kind?.secret === true ? {} : {answer: state.answer}
}

/** Fields of a group that was left out are not asked, although no condition of theirs fails. */
function isActive(state: FieldState | undefined, {states}: Evaluation): boolean {
  if (state === undefined) return false
  if (state.active !== undefined) return state.active
  // what it reads is itself missing: a required field that reads nothing is asked in any case
  const {planned} = state
  return (
    planned.when === undefined &&
    planned.needs.every(need => !need.field.group || states.get(need.field)?.active === true)
  )
}
