import {entriesOf, entryFaults} from './entries.ts'
import {isTemplated} from './expressions.ts'
import {type Field, readFields} from './fields.ts'
import {isRecord, type Path, toPointer} from './json.ts'
import {kinds} from './kinds/index.ts'
import {isForbiddenKey} from './limits.ts'
import {readAnswer} from './read-answer.ts'
import {formerPaths} from './renames.ts'
import {rotationFaults} from './rotation.ts'
import {checkValue, typesOf} from './schema/check.ts'
import {orMeant, typeWords} from './schema/fault.ts'
import {entriesIn} from './schema/keyword.ts'
import {compilePattern} from './schema/pattern.ts'
import {resolveReference} from './schema/reference.ts'
import {knownWords, mapSubschemas} from './schema/words.ts'
import {type SchemaFault, shapeFaults, sizeFaults} from './schema-shape.ts'
import type {Interfaces, ParametersSchema, ParamSchema} from './types.ts'

/**
 * Everything about a declaration that would surprise its users later: unknown kinds and words, patterns and `$ref`s that cannot be
 * used, defaults that do not fit, cycles, names that expressions cannot say. Expressions themselves are the package checker's.
 */
export function schemaFaults(parameters: ParametersSchema, added?: Interfaces): SchemaFault[] {
  const misshapen = shapeFaults(parameters)
  const unreadable = misshapen.length > 0 ? misshapen : sizeFaults(parameters)
  if (unreadable.length > 0) return unreadable
  const fields = readFields(parameters, added)
  const {root, interfaces, kindOf} = fields
  const faults: SchemaFault[] = []
  const fault = (path: Path, rule: string, message: string) =>
    void faults.push({pointer: toPointer(path), rule, message})
  visit(root, [], true)
  for (const field of fields.all) checkField(field)
  for (const {path, rule, message} of entryFaults(parameters)) fault(path, rule, message)
  for (const {schema, path} of entriesOf(parameters)) checkDefault(schema, schema.default, path)
  return faults

  /** @param named it is a parameter, whose name expressions say; entries of lists are none */
  function visit(schema: ParamSchema, path: Path, named: boolean): void {
    if (path.length > 40) {
      fault(path, 'depth', 'is nested too deep')
      return
    }
    checkWords(schema, path)
    checkNames(schema, path, named)
    checkKind(schema, path)
    mapSubschemas(schema, (part, below) => {
      visit(part, [...path, ...below], below[0] === '$defs' || (named && below[0] === 'properties'))
    })
  }

  function checkWords(schema: ParamSchema, path: Path): void {
    const words = [...knownWords, ...(kindOf(schema)?.words ?? anyKindsWords)]
    for (const word of Object.keys(schema)) {
      // `x-…` belongs to whoever writes it
      if (words.includes(word) || word.startsWith('x-')) continue
      fault([...path, word], 'unknown-word', `there is no word ${word}${orMeant(word, words)}`)
    }
    for (const type of typesOf(schema).filter(type => !Object.hasOwn(typeWords, type))) {
      fault([...path, 'type'], 'unknown-type', `there is no type ${type}: ${Object.keys(typeWords).join(', ')}`)
    }
    const {$ref, pattern, patternProperties} = schema
    if (typeof $ref === 'string' && resolveReference($ref, root) === undefined) {
      const why = $ref.startsWith('#') ? 'leads nowhere' : 'is not within the package: nothing is fetched'
      fault([...path, '$ref'], 'reference', `${$ref} ${why}`)
    }
    const patterns = [pattern, ...entriesIn(patternProperties).map(([key]) => key)]
    for (const source of patterns.filter(pattern => typeof pattern === 'string')) {
      const why = compilePattern(source)
      if (typeof why !== 'string') continue
      fault([...path, 'pattern'], 'pattern', `cannot be used: ${why} (RE2 has no look-around and no back-references)`)
    }
  }

  function checkNames({properties, required}: ParamSchema, path: Path, named: boolean): void {
    if (!isRecord(properties)) return
    for (const name of Object.keys(properties)) {
      const at = [...path, 'properties', name]
      if (isForbiddenKey(name)) fault(at, 'name', `the name ${name} is not allowed`)
      if (!named || /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue
      fault(at, 'name', `the name ${name} cannot be used in expressions: use letters and digits`)
    }
    for (const name of Array.isArray(required) ? required : []) {
      if (Object.hasOwn(properties, name)) continue
      const hint = orMeant(name, Object.keys(properties))
      fault([...path, 'required'], 'unknown-field', `${name} is no property${hint}`)
    }
  }

  function checkKind(schema: ParamSchema, path: Path): void {
    const kind = kindOf(schema)
    if (kind === undefined && schema.kind !== undefined) {
      const hint = orMeant(schema.kind, kinds.keys()) || `: known are ${[...kinds.keys()].join(', ')}`
      fault([...path, 'kind'], 'unknown-kind', `there is no kind ${schema.kind}${hint}`)
    }
    if (kind === undefined) return
    for (const message of kind.faults?.(schema, interfaces) ?? []) fault(path, 'kind', message)
    for (const message of rotationFaults(schema)) fault([...path, 'rotate'], 'rotate', message)
  }

  function checkField(field: Field): void {
    const {name, loop, kind, param, parent} = field
    const path = field.path.flatMap(step => ['properties', step])
    if (loop !== undefined) fault(path, 'cycle', `${name} reads itself: ${[...loop, loop[0]].join(' → ')}`)
    const said = formerPaths(field).map(former => former.join('.'))
    for (const former of fields.all.filter(other => other.parent === parent && said.includes(other.name))) {
      fault([...path, 'formerly'], 'formerly', `${former.name} is still a parameter`)
    }
    if (kind?.derived?.(param)) checkDerived(field)
    const {default: byDefault} = field
    if (byDefault === undefined || byDefault === null) return
    const at = [...path, 'default']
    if (kind?.name === 'secret' || kind?.name === 'key') {
      fault(at, 'secret-default', 'a secret has no default: everybody who has the package would know it')
    } else if (!field.group) checkDefault(param, byDefault, path)
  }

  function checkDefault(schema: ParamSchema, byDefault: unknown, path: Path): void {
    if (byDefault === undefined || byDefault === null || isTemplated(byDefault)) return
    const {answer, faults: unread} = readAnswer(schema, byDefault, [], fields)
    const [wrong] = unread.length > 0 ? unread : checkValue(schema, answer, [], fields)
    if (wrong !== undefined) fault([...path, 'default'], 'default', `does not fit: ${wrong.message}`)
  }

  /** A hash is of a secret that is not itself one. */
  function checkDerived({input, path, name}: Field): void {
    const [of, user] = (input?.reads ?? []).map(([, ...read]) => read.join('.'))
    const at = [...path.flatMap(step => ['properties', step]), 'derive']
    const found = (wanted: string) => fields.all.find(other => other.name === wanted)
    const source = of === undefined ? undefined : found(of)
    if (of !== undefined && (source?.kind?.name !== 'secret' || source.kind.derived?.(source.param))) {
      fault(at, 'derive', `${name} is made of ${of}, which is no secret that is generated or given`)
    }
    if (user !== undefined && found(user) === undefined)
      fault(at, 'derive', `there is no parameter ${user} for the user`)
  }
}

/** Where the kind is missing or misspelt, its words are not told as well. */
const anyKindsWords = [...kinds.values()].flatMap(({words = []}) => words)
