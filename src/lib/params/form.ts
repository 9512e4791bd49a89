import {offered} from './choices.ts'
import {drawField, entryOf} from './draw.ts'
import {type Evaluation, evaluateFields, type FieldState} from './evaluate.ts'
import {isTemplated} from './expressions.ts'
import {isOptionalGroup} from './fields.ts'
import {defined, isRecord, sameJson} from './json.ts'
import {kinds} from './kinds/index.ts'
import {pickOf} from './picks.ts'
import type {Answers, Choice, ChoiceLookup, FormField, ParametersSchema, ParamSchema, ResolveContext} from './types.ts'

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
  const evaluation = await evaluateFields(parameters, given, {...context, read})
  const {fields, kept, references, stateOf} = evaluation
  const asked = fields.all.filter(({kind, param}) => kind?.derived?.(param) !== true)
  return Promise.all(
    asked.map(async field => {
      const state = stateOf(field)
      const shared = references.find(({path}) => sameJson(path, field.path))
      const required = field.group ? !isOptionalGroup(field) : field.required
      const drawn = drawField(field.param, field.path, required, fields)
      return {
        ...drawn,
        ...(lookup === undefined ? {} : await clusterChoices(drawn, field.param, lookup)),
        ...defined({
          default: defaultOf(state),
          answer: shared === undefined ? answerOf(state) : {$value: shared.name},
          kept: kept.has(field.name) ? true : undefined,
        }),
        active: isActive(state, evaluation),
      }
    }),
  )

  /** Choices that only the cluster knows: of the field, or of an entry of it. */
  async function clusterChoices(
    {field: pointer, choices: known, item}: FormField,
    param: ParamSchema,
    lookup: ChoiceLookup,
  ): Promise<Partial<FormField>> {
    if (known !== undefined) return {}
    const [own, ...others] = param.kind === undefined ? (item ?? []) : []
    const asked = own === undefined ? param : fields.follow(entryOf(param))
    const pick = pickOf(asked, fields)
    const given = fields.kindOf(asked)?.choices?.(asked, lookup, pointer)
    const choices: Choice[] = (await (pick === undefined ? given : offered(pick, lookup))) ?? []
    if (choices.length === 0) return {}
    return own === undefined ? {choices} : {item: [{...own, choices}, ...others]}
  }
}

/** Out of sight nothing was worked out; what needs no working out can be said all the same. */
function defaultOf({default: byDefault, active, field}: FieldState): unknown {
  return byDefault ?? (active === true || isTemplated(field.default) ? undefined : field.default)
}

function answerOf({answer, field, result}: FieldState): unknown {
  if (answer === undefined || field.group || field.kind?.widget === 'password') return undefined
  return result?.stored === undefined && field.kind?.secret ? undefined : (result?.stored ?? {answer}).answer
}

/** Fields of a group that was left out are not asked, although no condition of theirs fails. */
function isActive({active, field}: FieldState, {stateOf}: Evaluation): boolean {
  // what it reads is itself missing: a required field that reads nothing is asked in any case
  const inSight = () => field.needs.every(need => !need.group || stateOf(need).active === true)
  return active ?? (field.when === undefined && inSight())
}

/** An answer in one line, as lists and summaries show it: the short form of its kind, or what a person would write. */
export function printAnswer(kind: string, answer: unknown): string {
  if (answer === undefined || answer === null) return ''
  if (typeof answer === 'boolean') return answer ? 'yes' : 'no'
  if (Array.isArray(answer)) return answer.map(item => printAnswer('', item)).join(', ')
  if (!isRecord(answer)) return String(answer)
  const parts = Object.entries(answer).map(([key, value]) => `${key}: ${printAnswer('', value)}`)
  return kinds.get(kind)?.print?.(answer) ?? parts.join(', ')
}
