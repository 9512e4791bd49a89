import {formatRef} from '../anchor/index.ts'
import type {Answers, FormField, MergedAnswers} from '../params/index.ts'
import {edited, fromPointer, valueAt} from '../params/index.ts'
import {fieldsFor, resolveAnswers, type Surroundings} from './answers.ts'
import {providerName} from './new-provider.ts'
import type {Lib} from './types.ts'

/**
 * Answers with the first package that is suggested where a required provider is missing and there is none to choose from. For who said
 * yes to what would be offered: where there is one, which to use is not for us to say, and it stays missing.
 */
export async function takeSuggested(lib: Lib, around: Surroundings, merged: MergedAnswers): Promise<MergedAnswers> {
  const {errors} = await resolveAnswers(merged.answers, around, {})
  const missing = new Set(errors.filter(({code}) => code === 'required').map(({field}) => field))
  if (missing.size === 0) return merged
  const fields = await fieldsFor(lib, around, merged.answers)
  const answers = fields
    .filter(({field, widget}) => widget === 'binding' && missing.has(field))
    .reduce((all, field) => {
      const $new = onlyNew(field, around)
      return $new === undefined ? all : (edited(all, fromPointer(field.field), 0, {$new}) as Answers)
    }, merged.answers)
  return {...merged, answers}
}

/** The first package that can be installed; undefined where there is anything else to choose, but what an earlier try made. */
function onlyNew({field, choices = []}: FormField, {ref}: Surroundings): unknown {
  const own = formatRef({...ref, name: providerName(ref.name, fromPointer(field).join('.'))})
  const others = choices.filter(({value}) => valueAt(value, ['$app']) !== own)
  const news = others.flatMap(({value}) => valueAt(value, ['$new']) ?? [])
  return news.length === others.length ? news[0] : undefined
}
