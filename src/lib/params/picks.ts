import type {FieldError} from '../errors.ts'
import {choicesWord, offered} from './choices.ts'
import {type Declaration, entrySchema} from './declaration.ts'
import {isRecord, type Path, toPointer} from './json.ts'
import {listOf} from './schema/fault.ts'
import type {ChoiceLookup, ParamSchema, Picked} from './types.ts'

/** Of what in the cluster a parameter is the name, if of anything: by its kind, or by `choices`. */
export function pickOf(param: ParamSchema, {kindOf}: Declaration): Pick<Picked, 'from' | 'where'> | undefined {
  const from = kindOf(param)?.from
  return choicesWord(param) ?? (from === undefined ? undefined : {from})
}

/** Every name in an answer that has to be one of the cluster's. */
export function picksIn(declared: ParamSchema, answer: unknown, path: Path, declaration: Declaration): Picked[] {
  const param = declaration.follow(declared)
  const pick = pickOf(param, declaration)
  const kind = declaration.kindOf(param)
  if (pick !== undefined && typeof answer === 'string') return [{field: toPointer(path), name: answer, ...pick}]
  const picked = kind?.picks?.(answer)
  if (picked !== undefined) return [{field: toPointer(path), ...picked}]
  if (kind !== undefined || typeof answer !== 'object' || answer === null) return []
  const parts = Array.isArray(answer) ? [...answer.entries()] : Object.entries(answer)
  return parts.flatMap(([step, part]) => {
    const entry = typeof step === 'number' ? param.items : entrySchema(param, step)
    return isRecord(entry) ? picksIn(entry as ParamSchema, part, [...path, step], declaration) : []
  })
}

/** Names that are none of the cluster's, or none of those that fit. */
export async function checkPicks(picks: readonly Picked[], lookup: Pick<ChoiceLookup, 'items'>): Promise<FieldError[]> {
  const errors = await Promise.all(
    picks.map(async ({field, name, ...pick}): Promise<FieldError[]> => {
      const choices = await offered(pick, lookup)
      if (choices === undefined || choices.some(({value}) => value === name)) return []
      const names = choices.map(({value}) => String(value))
      const none = pick.from === 'issuers' ? 'there is none (they come with cert-manager)' : 'there is none'
      const there = names.length === 0 ? none : `must be ${listOf(names.slice(0, 12), 'or')}`
      const message = `${there}${names.length > 12 ? ', …' : ''}: ${name} is not among the cluster's ${pick.from}${pick.where === undefined ? '' : ' that fit'}`
      return [{field, code: 'choice', message, expected: names, got: name}]
    }),
  )
  return errors.flat()
}
