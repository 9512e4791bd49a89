import {nearest} from '../nearest.ts'
import {normaliseAnswer} from './entries.ts'
import {allInterfaces, createExpander, followReference} from './expand.ts'
import {type PlannedField, planFields, readsItself} from './field-plan.ts'
import {rootSchema} from './fields.ts'
import {kinds} from './kinds/index.ts'
import type {Interfaces} from './kinds/kind.ts'
import {isForbiddenKey} from './limits.ts'
import {isRecord, type Path, toPointer} from './pointer.ts'
import {checkValue} from './schema/check.ts'
import {compilePattern} from './schema/pattern.ts'
import {resolveReference} from './schema/reference.ts'
import {isKnownWord, knownWords} from './schema/words.ts'
import type {ParametersSchema, ParamSchema} from './types.ts'

/** What is wrong with a declaration of parameters, for lint. */
export interface SchemaFault {
  /** Where in `parameters`: a JSON pointer such as `/properties/poll/minimum`. */
  pointer: string
  /** Stable: `unknown-kind`, `unknown-word`, `cycle`, … */
  rule: string
  message: string
}

/**
 * Everything about a declaration that would surprise its users later: unknown kinds and words, patterns and `$ref`s that cannot be
 * used, defaults that do not fit, cycles, names that expressions cannot say. Expressions themselves are the package checker's.
 */
export function schemaFaults(parameters: ParametersSchema, added: Interfaces = {}): SchemaFault[] {
  const root = rootSchema(parameters)
  const interfaces = allInterfaces(added)
  const expand = createExpander(interfaces)
  const faults: SchemaFault[] = []
  const fault = (path: Path, rule: string, message: string) => faults.push({pointer: toPointer(path), rule, message})
  visit(root, [], 'group')
  for (const planned of planFields(parameters).inForm) checkField(planned)
  return faults

  function visit(schema: ParamSchema, path: Path, place: 'group' | 'entry'): void {
    if (path.length > 40) return void fault(path, 'depth', 'is nested too deep')
    checkWords(schema, path)
    checkKind(schema, path, place)
    for (const [name, child] of Object.entries(isRecord(schema.properties) ? schema.properties : {})) {
      if (place === 'group' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        fault(
          [...path, 'properties', name],
          'name',
          `the name ${name} cannot be used in expressions: use letters and digits`,
        )
      }
      if (isForbiddenKey(name)) fault([...path, 'properties', name], 'name', `the name ${name} is not allowed`)
      if (isRecord(child)) visit(child as ParamSchema, [...path, 'properties', name], place)
    }
    for (const name of Array.isArray(schema.required) ? schema.required : []) {
      if (isRecord(schema.properties) && !Object.hasOwn(schema.properties, name)) {
        const meant = nearest(name, Object.keys(schema.properties))
        fault(
          [...path, 'required'],
          'unknown-field',
          `${name} is no property${meant === undefined ? '' : `: did you mean ${meant}?`}`,
        )
      }
    }
    for (const word of ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames']) {
      if (isRecord(schema[word])) visit(schema[word] as ParamSchema, [...path, word], 'entry')
    }
    for (const word of ['allOf', 'anyOf', 'oneOf', 'prefixItems']) {
      for (const [index, part] of (Array.isArray(schema[word]) ? schema[word] : []).entries()) {
        if (isRecord(part)) visit(part as ParamSchema, [...path, word, index], 'entry')
      }
    }
    for (const word of ['$defs', 'patternProperties', 'dependentSchemas']) {
      for (const [name, part] of Object.entries(isRecord(schema[word]) ? schema[word] : {})) {
        if (isRecord(part)) visit(part as ParamSchema, [...path, word, name], word === '$defs' ? 'group' : 'entry')
      }
    }
  }

  function checkWords(schema: ParamSchema, path: Path): void {
    for (const word of Object.keys(schema)) {
      if (isKnownWord(word)) continue
      const meant = nearest(word, knownWords)
      fault(
        [...path, word],
        'unknown-word',
        `there is no word ${word}${meant === undefined ? '' : `: did you mean ${meant}?`}`,
      )
    }
    const types = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']
    for (const type of schema.type === undefined ? [] : [schema.type].flat()) {
      if (!types.includes(type))
        fault([...path, 'type'], 'unknown-type', `there is no type ${type}: ${types.join(', ')}`)
    }
    if (typeof schema.$ref === 'string' && resolveReference(schema.$ref, root) === undefined) {
      const why = schema.$ref.startsWith('#') ? 'leads nowhere' : 'is not within the package: nothing is fetched'
      fault([...path, '$ref'], 'reference', `${schema.$ref} ${why}`)
    }
    const patterns = isRecord(schema.patternProperties) ? Object.keys(schema.patternProperties) : []
    for (const pattern of [...(typeof schema.pattern === 'string' ? [schema.pattern] : []), ...patterns]) {
      const compiled = compilePattern(pattern)
      if (typeof compiled === 'string') {
        fault(
          [...path, 'pattern'],
          'pattern',
          `cannot be used: ${compiled} (RE2 has no look-around and no back-references)`,
        )
      }
    }
  }

  function checkKind(schema: ParamSchema, path: Path, place: 'group' | 'entry'): void {
    if (place === 'entry' && schema.when !== undefined) {
      fault([...path, 'when'], 'when', 'only parameters have conditions, entries of lists do not')
    }
    if (schema.kind === undefined) return
    const kind = kinds.get(schema.kind)
    if (kind === undefined) {
      const meant = nearest(schema.kind, kinds.keys())
      const hint = meant === undefined ? `known are ${[...kinds.keys()].join(', ')}` : `did you mean ${meant}?`
      fault([...path, 'kind'], 'unknown-kind', `there is no kind ${schema.kind}: ${hint}`)
      return
    }
    if (place === 'entry' && (kind.secret === true || kind.name === 'volume')) {
      fault(
        [...path, 'kind'],
        'kind-in-entry',
        `a ${kind.name} needs a name of its own: it cannot be an entry of a list or dictionary`,
      )
    }
    for (const message of kind.faults?.(schema, interfaces) ?? []) fault(path, 'kind', message)
  }

  function checkField(planned: PlannedField): void {
    const {field, cycle} = planned
    const path = field.path.flatMap(step => ['properties', step])
    const loop = cycle ?? (readsItself(planned) ? [field.name] : undefined)
    if (loop !== undefined) fault(path, 'cycle', `${field.name} reads itself: ${[...loop, loop[0]].join(' → ')}`)
    if (field.kind?.name === 'secret' && field.default !== undefined) {
      fault(
        [...path, 'default'],
        'secret-default',
        'a secret has no default: everybody who has the package would know it',
      )
    }
    for (const former of field.param.formerly ?? []) {
      if (field.parent === undefined && Object.hasOwn(parameters.properties, former)) {
        fault([...path, 'formerly'], 'formerly', `${former} is still a parameter`)
      }
    }
    checkDefault(planned, path)
  }

  function checkDefault({field, default: byDefault}: PlannedField, path: Path): void {
    if (byDefault === undefined || 'broken' in byDefault || byDefault.reads.length > 0) return
    if (field.group || field.default === null || field.kind?.name === 'secret') return
    const {answer, faults: unread} = normaliseAnswer(field.param, field.default, [], root, interfaces)
    const param = followReference(field.param, root)
    const [wrong] = unread.length > 0 ? unread : checkValue(param, answer, [], {root, expand})
    if (wrong !== undefined) fault([...path, 'default'], 'default', `does not fit: ${wrong.message}`)
  }
}
