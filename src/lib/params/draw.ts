import {choicesWord} from './choices.ts'
import {choicesOf, type Declaration} from './declaration.ts'
import {defined, isRecord, type Path, pick, toPointer} from './json.ts'
import type {Kind} from './kinds/kind.ts'
import {typesOf} from './schema/check.ts'
import type {Choice, FormField, ParamSchema} from './types.ts'

/** Nested deeper, an entry is drawn as one question. */
const deepest = 16

/** What a form may check or say by itself. */
const constraintWords = [
  ...['minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['multipleOf', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'propertyNames'],
  ...['examples', 'interface', 'generate'],
  ...['algorithm', 'maxSize', 'contentEncoding', 'contentMediaType'],
]

/** A schema as a field, without what depends on answers. */
export function drawField(param: ParamSchema, path: Path, required: boolean, declaration: Declaration): FormField {
  const kind = declaration.kindOf(param)
  const {title, description: help, group, placeholder, when, advanced, immutable} = param
  const choices = choicesIn(param)
  return defined({
    field: toPointer(path),
    title: title ?? titleOf(String(path.at(-1))),
    help,
    kind: param.kind ?? plainType(param) ?? 'any',
    widget: widgetOf(param, kind),
    required,
    advanced: advanced === true,
    group,
    placeholder,
    constraints: pick(param, constraintWords),
    choices: choices.length > 0 ? choices : undefined,
    when,
    immutable: immutable === true,
    active: true,
    secret: kind?.widget === 'password',
    item: partsOf(param, path, declaration),
  })
}

/** One entry of a list or dictionary, or what a binding says outright: its own field, then those in it. */
function partsOf(param: ParamSchema, path: Path, declaration: Declaration): FormField[] | undefined {
  const kind = declaration.kindOf(param)
  const outright = kind?.outright?.(param, declaration.interfaces)
  if (outright !== undefined) return drawAll(outright.schema, [...path, outright.key], true, declaration)
  const widget = widgetOf(param, kind)
  if (widget !== 'list' && widget !== 'dictionary') return undefined
  // an entry about which the schema says nothing is a text
  return drawAll(path.length > deepest ? text : entryOf(param), [...path, '-'], true, declaration)
}

const text: ParamSchema = {type: 'string'}

/** The schema of an entry of a list or dictionary. */
export function entryOf({items, additionalProperties}: ParamSchema): ParamSchema {
  const entry = items ?? additionalProperties
  return isRecord(entry) ? (entry as ParamSchema) : text
}

function drawAll(declared: ParamSchema, path: Path, required: boolean, declaration: Declaration): FormField[] {
  const param = declaration.follow(declared)
  const own = {...drawField(param, path, required, declaration), ...pick(param, ['default'])}
  if (own.widget !== 'group' || path.length > deepest) return [own]
  const children = Object.entries(param.properties ?? {}).flatMap(([key, child]) => {
    // a nested object belongs to its entry unless it says what it requires and nobody requires it
    const belongs = child.properties !== undefined && (child.required ?? []).length === 0
    return drawAll(child, [...path, key], belongs || param.required?.includes(key) === true, declaration)
  })
  return [own, ...children]
}

const plainWidgets: Record<string, FormField['widget']> = {
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  object: 'dictionary',
}

function widgetOf(param: ParamSchema, kind: Kind | undefined): FormField['widget'] {
  if (choicesOf(param).length > 0 || choicesWord(param) !== undefined) return 'choice'
  if (kind !== undefined) return kind.widget
  const type = plainType(param)
  if (param.properties !== undefined && (type === undefined || type === 'object')) return 'group'
  if (type === 'string' && param.format === 'multiline') return 'multiline'
  return plainWidgets[type ?? ''] ?? 'text'
}

/** The type, where there is but one beside null. */
function plainType(param: ParamSchema): string | undefined {
  const [type, another] = typesOf(param).filter(type => type !== 'null')
  return another === undefined ? type : undefined
}

/** Choices that the schema itself lists, with their labels. */
function choicesIn(param: ParamSchema): Choice[] {
  const labelled: unknown[] = [param.oneOf, param.anyOf].find(Array.isArray) ?? []
  return choicesOf(param).map(value => {
    const own = labelled.find(branch => isRecord(branch) && branch.const === value)
    const {title = String(value), description: help} = (own ?? {}) as ParamSchema
    return {value, title, ...defined({help})}
  })
}

/** `Admin email` of `adminEmail`, where there is no title. */
function titleOf(key: string): string {
  const words = (key === '-' ? 'entry' : key)
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
