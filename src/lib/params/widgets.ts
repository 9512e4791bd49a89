import {kinds} from './kinds/index.ts'
import type {Choice} from './kinds/kind.ts'
import {choicesOf} from './param-types.ts'
import {isRecord} from './pointer.ts'
import {typesOf} from './schema/values.ts'
import type {FormField, ParamSchema} from './types.ts'

/** How a parameter is drawn. */
export function widgetOf(param: ParamSchema): FormField['widget'] {
  if (choicesOf(param).length > 0) return 'choice'
  const kind = kindOf(param)
  if (kind !== undefined) return kind.widget
  const types = typesOf(param).filter(type => type !== 'null')
  const [type] = types
  if (types.length !== 1 || type === undefined) return param.properties === undefined ? 'text' : 'group'
  if (type === 'object') return param.properties === undefined ? 'dictionary' : 'group'
  if (type === 'string') return param.format === 'multiline' ? 'multiline' : 'text'
  return plainWidgets[type] ?? 'text'
}

const plainWidgets: Record<string, FormField['widget']> = {
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
}

/** The name of the kind, or of the plain type. */
export function kindName(param: ParamSchema): string {
  if (param.kind !== undefined) return param.kind
  const types = typesOf(param).filter(type => type !== 'null')
  return types.length === 1 ? (types[0] ?? 'any') : 'any'
}

export function kindOf(param: ParamSchema) {
  return param.kind === undefined ? undefined : kinds.get(param.kind)
}

/** Choices that the schema itself lists, with their labels. */
export function staticChoices(param: ParamSchema): Choice[] {
  const labelled = [param.oneOf, param.anyOf].find(Array.isArray) ?? []
  return choicesOf(param).map((value): Choice => {
    const own = labelled.find(branch => isRecord(branch) && branch.const === value)
    const {title, description} = isRecord(own) ? own : {}
    const help = typeof description === 'string' ? {help: description} : {}
    return {value, title: typeof title === 'string' ? title : String(value), ...help}
  })
}

const constraintWords = [
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'propertyNames',
  'examples',
  'interface',
  'generate',
]

/** What a form may check or say by itself. */
export function constraintsOf(param: ParamSchema): Record<string, unknown> {
  const named = constraintWords.filter(word => param[word] !== undefined)
  return Object.fromEntries(named.map(word => [word, param[word]]))
}

/** `Admin email` of `adminEmail`, where there is no title. */
export function titleOf(param: ParamSchema, key: string): string {
  if (param.title !== undefined) return param.title
  const words = key
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** An answer in one line, as lists and summaries show it: the short form of its kind, or what a person would write. */
export function printAnswer(kind: string, answer: unknown): string {
  const print = kinds.get(kind)?.print
  if (answer === undefined || answer === null) return ''
  if (print !== undefined && isRecord(answer)) return print(answer)
  if (typeof answer === 'string') return answer
  if (typeof answer === 'boolean') return answer ? 'yes' : 'no'
  if (Array.isArray(answer)) return answer.map(item => printAnswer('', item)).join(', ')
  if (!isRecord(answer)) return String(answer)
  return Object.entries(answer)
    .map(([key, value]) => `${key}: ${printAnswer('', value)}`)
    .join(', ')
}
