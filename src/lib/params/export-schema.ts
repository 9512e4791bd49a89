import {conditionSchema} from './conditions.ts'
import {takesOnlyNamed} from './declaration.ts'
import {isTemplated} from './expressions.ts'
import {type Field, fillsItself, readFields} from './fields.ts'
import {isRecord, pick, sameJson} from './json.ts'
import {mapSubschemas} from './schema/words.ts'
import type {Interfaces, ParametersSchema, ParamSchema} from './types.ts'

/** berth's own words that others get as `x-berth-…`. */
const explained = ['kind', 'when', 'immutable', 'advanced', 'group', 'placeholder', 'order', 'checks', 'choices']
const explainedOfKinds = [
  'interface',
  'generate',
  'suggest',
  'algorithm',
  'maxSize',
  'contentEncoding',
  'contentMediaType',
]
/** Words that others have no use for. */
const dropped = ['formerly', 'request', 'rotate', 'hosts', 'days']
const ownWords = [...explained, ...explainedOfKinds]
const withheld = new Set([...ownWords, ...dropped])
const labels = ['title', 'description', 'default', 'examples', 'deprecated', 'readOnly']

/**
 * Plain JSON Schema 2020-12 that any form library can draw: kinds expanded (`x-berth-kind` says which), conditions as if/then where
 * they compare siblings with constants (`x-berth-when` has all of them), `required` only where an answer must be given.
 */
export function exportSchema(parameters: ParametersSchema, interfaces?: Interfaces): ParamSchema {
  const {root, whole, expand} = readFields(parameters, interfaces)
  const exported = isRecord(root.properties) ? exportGroup(whole) : plainPart(root)
  return {$schema: 'https://json-schema.org/draft/2020-12/schema', ...exported}

  /** Within lists and combinators, where conditions mean nothing. */
  function exportPart(param: ParamSchema): ParamSchema {
    const plain = plainPart(param)
    return takesOnlyNamed(plain) ? {...plain, additionalProperties: false} : plain
  }

  function plainPart(param: ParamSchema): ParamSchema {
    const source = param.kind === undefined ? param : {...pick(param, labels), ...expand(param, false)}
    const {default: byDefault, ...mapped} = mapSubschemas(source, exportPart)
    const plain: ParamSchema = Object.fromEntries(Object.entries(mapped).filter(([word]) => !withheld.has(word)))
    if (byDefault !== undefined) plain[isTemplated(byDefault) ? 'x-berth-default' : 'default'] = byDefault
    const said = Object.entries(pick(param, ownWords)).map(([word, value]) => [`x-berth-${word}`, value])
    return {...plain, ...Object.fromEntries(said)}
  }

  function exportField(field: Field): ParamSchema {
    return field.group ? exportGroup(field) : plainPart(field.param)
  }

  function exportGroup(group: Field): ParamSchema {
    const {properties: _all, required: _was, ...own} = group.param
    const rest = plainPart(own)
    const properties: Record<string, ParamSchema> = {}
    const conditional: ParamSchema[] = Array.isArray(rest.allOf) ? [...rest.allOf] : []
    const required: string[] = []
    const unconditional = conditional.length
    for (const field of group.children.filter(({kind, param}) => kind?.derived?.(param) !== true)) {
      const {key, param} = field
      const needed = (field.required || (field.group && param.when !== undefined)) && !fillsItself(field)
      const when = condition(field)
      if (when !== undefined) {
        // out of sight the answer is kept, so it stays allowed there
        const then = {properties: {[key]: exportField(field)}, ...(needed ? {required: [key]} : {})}
        conditional.push({if: when, then, else: {properties: {[key]: {}}}})
      } else {
        properties[key] = exportField(field)
        if (needed && param.when === undefined) required.push(key)
      }
    }
    const isConditional = conditional.length > unconditional
    const closed = takesOnlyNamed({type: 'object', ...group.param})
    return {
      ...rest,
      type: 'object',
      properties,
      ...(required.length > 0 ? {required} : {}),
      ...(conditional.length > 0 ? {allOf: conditional} : {}),
      ...(closed ? {[isConditional ? 'unevaluatedProperties' : 'additionalProperties']: false} : {}),
    }
  }

  /** An `if` sees the object it stands in, so it can look at siblings only, and only at those whose value without an answer is known. */
  function condition({parent, param}: Field): ParamSchema | undefined {
    if (param.when === undefined) return undefined
    return conditionSchema(param.when, path => {
      const read = parent?.children.find(sibling => sameJson(sibling.path, path))
      const known = read !== undefined && !isTemplated(read.default) && read.param.when === undefined
      return known ? {value: read.default ?? null} : undefined
    })
  }
}
