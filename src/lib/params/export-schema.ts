import {type Condition, fieldsOf, readCondition} from './conditions.ts'
import {allInterfaces, createExpander, takesOnlyNamed} from './expand.ts'
import {type Field, fillsItself, flatten, listFields, rootSchema} from './fields.ts'
import type {Interfaces} from './kinds/kind.ts'
import {isRecord} from './pointer.ts'
import {sameJson} from './schema/values.ts'
import type {ParametersSchema, ParamSchema} from './types.ts'

/** berth's own words; others have no use for them, or get them as `x-berth-…`. */
const ownWords = [
  'kind',
  'when',
  'immutable',
  'advanced',
  'group',
  'placeholder',
  'order',
  'interface',
  'generate',
  'suggest',
]
const dropped = ['formerly', 'request', 'rotate', 'derive']

/**
 * Plain JSON Schema 2020-12 that any form library can draw: kinds expanded (`x-berth-kind` says which), conditions as if/then where
 * they compare siblings with constants (`x-berth-when` has all of them), `required` only where an answer must be given.
 */
export function exportSchema(parameters: ParametersSchema, interfaces: Interfaces = {}): ParamSchema {
  const expand = createExpander(allInterfaces(interfaces))
  const byPath = new Map(flatten(listFields(parameters)).map(field => [field.name, field]))
  const {$defs, ...root} = rootSchema(parameters)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...exportObject(root as ParamSchema, []),
    ...(isRecord($defs)
      ? {$defs: Object.fromEntries(Object.entries($defs).map(([name, part]) => [name, exportPart(part)]))}
      : {}),
  }

  function exportPart(part: unknown): unknown {
    return isRecord(part) ? exportOne(part as ParamSchema, undefined) : part
  }

  /** @param path where the field stands; undefined within lists, where conditions mean nothing */
  function exportOne(param: ParamSchema, path: string[] | undefined): ParamSchema {
    const plain = param.kind === undefined ? param : {...labelsOf(param), ...expand(param, false)}
    const {default: byDefault, ...rest} = withoutOwnWords(plain)
    const templated = byDefault !== undefined && JSON.stringify(byDefault).includes('${')
    const common: ParamSchema = {
      ...rest,
      ...(byDefault === undefined ? {} : {[templated ? 'x-berth-default' : 'default']: byDefault}),
      ...Object.fromEntries(
        ownWords.filter(word => param[word] !== undefined).map(word => [`x-berth-${word}`, param[word]]),
      ),
    }
    if (param.kind === undefined && isRecord(param.properties)) return exportObject(common, path)
    return {
      ...common,
      ...(isRecord(common.items) ? {items: exportOne(common.items, undefined)} : {}),
      ...(isRecord(common.additionalProperties)
        ? {additionalProperties: exportOne(common.additionalProperties as ParamSchema, undefined)}
        : {}),
    }
  }

  function exportObject(schema: ParamSchema, path: string[] | undefined): ParamSchema {
    const properties: Record<string, ParamSchema> = {}
    const conditional: ParamSchema[] = []
    const required: string[] = []
    for (const [key, param] of Object.entries(schema.properties ?? {})) {
      const at = path === undefined ? undefined : [...path, key]
      const field = at === undefined ? undefined : byPath.get(at.join('.'))
      const exported = exportOne(field?.param ?? param, at)
      const asked = schema.required?.includes(key) === true || (field?.group === true && param.when !== undefined)
      const needed = asked && !(field !== undefined && fillsItself(field))
      const condition = field?.param.when === undefined ? undefined : conditionSchema(field)
      if (condition !== undefined) {
        // out of sight the answer is kept, so it stays allowed there
        const then = {properties: {[key]: exported}, ...(needed ? {required: [key]} : {})}
        conditional.push({if: condition, then, else: {properties: {[key]: {}}}})
      } else {
        properties[key] = exported
        if (needed && param.when === undefined) required.push(key)
      }
    }
    const {required: _was, properties: _all, ...rest} = schema
    const closed = takesOnlyNamed({type: 'object', ...schema})
    return {
      ...rest,
      type: 'object',
      properties,
      ...(required.length > 0 ? {required} : {}),
      ...(conditional.length > 0 ? {allOf: [...(Array.isArray(rest.allOf) ? rest.allOf : []), ...conditional]} : {}),
      ...(closed ? {[conditional.length > 0 ? 'unevaluatedProperties' : 'additionalProperties']: false} : {}),
    }
  }

  /** Conditions on siblings only: an `if` sees the object it stands in. */
  function conditionSchema(field: Field): ParamSchema | undefined {
    const condition = readCondition(field.param.when ?? '')
    const parent = field.path.slice(0, -1)
    if (condition === undefined) return undefined
    const readable = fieldsOf(condition).every(path => {
      const sibling = byPath.get(path.join('.'))
      const beside = path.length === field.path.length && parent.every((step, index) => step === path[index])
      return beside && sibling !== undefined && !isTemplated(sibling.default) && sibling.param.when === undefined
    })
    return readable ? toSchema(condition) : undefined
  }

  function toSchema(condition: Condition): ParamSchema {
    if (condition.is === 'not') return {not: toSchema(condition.of)}
    if (condition.is !== 'oneOf') return {[condition.is === 'all' ? 'allOf' : 'anyOf']: condition.of.map(toSchema)}
    const key = condition.path.at(-1) ?? ''
    const unset = byPath.get(condition.path.join('.'))?.default ?? null
    const holdsUnset = condition.values.some(value => sameJson(value, unset))
    const [only] = condition.values
    const value = condition.values.length === 1 ? {const: only} : {enum: condition.values}
    return {properties: {[key]: value}, ...(holdsUnset ? {} : {required: [key]})}
  }
}

function isTemplated(value: unknown): boolean {
  return value !== undefined && JSON.stringify(value).includes('${')
}

function labelsOf(param: ParamSchema): ParamSchema {
  const words = ['title', 'description', 'default', 'examples', 'deprecated', 'readOnly']
  return Object.fromEntries(words.filter(word => param[word] !== undefined).map(word => [word, param[word]]))
}

function withoutOwnWords(param: ParamSchema): ParamSchema {
  return Object.fromEntries(Object.entries(param).filter(([word]) => ![...ownWords, ...dropped].includes(word)))
}
