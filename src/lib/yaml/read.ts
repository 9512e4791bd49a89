import type {Position} from '../expr/index.ts'
import {didYouMean} from '../nearest.ts'
import type {JsonSchema, Schema} from './schema.ts'
import {type Edit, type Finding, finding, plainValue, type YamlEntry, type YamlMap, type YamlNode} from './tree.ts'

type Path = readonly (string | number)[]

/**
 * The value of a tree by its schema, with defaults filled in; what is wrong goes to `findings`, and then the value is worth nothing.
 * Written by hand because ajv costs ~100 ms to compile what this walks in one, and because its messages know neither lines nor "did you
 * mean".
 */
export function readYaml<T>(schema: Schema<T>, root: YamlNode, findings: Finding[], rule = 'manifest'): T {
  return read(schema, root, [], (position, path, message, fix, edit) => {
    const where = path.length === 0 ? 'the file' : path.join('.')
    findings.push(finding('error', rule, position, `${where} ${message}`, fix, edit))
  }) as T
}

type Report = (position: Position, path: Path, message: string, fix?: string, edit?: Edit) => void

function read(schema: JsonSchema, node: YamlNode, path: Path, report: Report): unknown {
  if (schema.anyOf !== undefined) return readAny(schema.anyOf, node, path, report)
  const {type} = schema
  if (type !== undefined && !hasType(node, type)) {
    report(node.position, path, `is ${nameOf(node)}, not ${typeNames[type]}`, ...typeFix(type, node))
    return undefined
  }
  if (node.kind === 'map') return readMap(schema, node, path, report)
  if (node.kind === 'list') {
    const values = node.items.map((item, index) => read(schema.items ?? {}, item, [...path, index], report))
    if (values.length < (schema.minItems ?? 0)) report(node.position, path, 'is an empty list: at least one is needed')
    if (schema.uniqueItems && new Set(values.map(item => JSON.stringify(item))).size < values.length)
      report(node.position, path, 'has an element twice')
    return values
  }
  const wrong = faultOf(schema, node.value)
  if (wrong !== undefined) report(node.position, path, ...wrong)
  return node.value
}

/** The alternative that fits; of those that fit the value's type, the faults of the one with fewest. */
function readAny(options: readonly JsonSchema[], node: YamlNode, path: Path, report: Report): unknown {
  const tried = options.map(option => {
    const faults: Parameters<Report>[] = []
    const value = read(option, node, path, (...fault) => faults.push(fault))
    return {value, faults, fits: option.type === undefined || hasType(node, option.type)}
  })
  const [best] = tried.filter(({fits}) => fits).sort((a, b) => a.faults.length - b.faults.length)
  for (const fault of best?.faults ?? []) report(...fault)
  if (best === undefined) {
    const names = options.map(({type}) => typeNames[type ?? 'object']).join(' or ')
    report(node.position, path, `is ${nameOf(node)}, not ${names}`)
  }
  return best?.value
}

function readMap(schema: JsonSchema, node: YamlMap, path: Path, report: Report): Record<string, unknown> {
  const known = schema.properties ?? {}
  const written = new Set(node.entries.map(({key}) => key))
  const fields = node.entries.flatMap(entry => {
    const value = readEntry(schema, entry, path, report)
    return value === undefined ? [] : [[entry.key, value] as const]
  })
  // After what is written: a mistyped name says more than one that is not there.
  for (const name of schema.required ?? [])
    if (!written.has(name)) report(node.position, path, `has no ${name}`, `add ${name}: ${hintOf(known[name])}`)
  const missing = Object.entries(known).filter(([name, field]) => 'default' in field && !written.has(name))
  return Object.fromEntries([
    ...fields,
    ...missing.map(([name, field]) => [name, structuredClone(field.default)] as const),
  ])
}

function readEntry(schema: JsonSchema, {key, keyPosition, value}: YamlEntry, path: Path, report: Report): unknown {
  const {properties: known = {}, propertyNames: names, additionalProperties: others} = schema
  const property = Object.hasOwn(known, key) ? known[key] : undefined
  if (property !== undefined) return read(property, value, [...path, key], report)
  if (others === false) {
    report(keyPosition, path, `has an unknown field ${show(key)}`, unknownFix(key, value, Object.keys(known)))
    return undefined
  }
  if (names !== undefined && (!new RegExp(names.pattern, 'u').test(key) || key.length > (names.maxLength ?? Infinity)))
    report(keyPosition, path, `has the name ${show(key)}, which is not allowed: ${names.pattern}`)
  return others === undefined ? plainValue(value) : read(others, value, [...path, key], report)
}

/** What a scalar of the right type may still be. */
function faultOf(schema: JsonSchema, value: unknown): [message: string, fix?: string | undefined] | undefined {
  const {enum: options, pattern, minLength = 0, maxLength = Infinity, minimum = -Infinity, maximum = Infinity} = schema
  if ('const' in schema && value !== schema.const)
    return [`is ${show(value)}, not ${show(schema.const)}`, `write ${show(schema.const)}`]
  if (options !== undefined && !options.includes(value)) {
    return [`is ${show(value)}, not one of ${options.join(', ')}`, didYouMean(String(value), options.map(String))]
  }
  if (typeof value === 'string') {
    if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
      return [`is ${show(value)}, which is not ${schema.description ?? `like ${pattern}`}`]
    if (value.length < minLength) return ['is empty']
    if (value.length > maxLength) return [`has ${value.length} characters, ${maxLength} are allowed`]
  }
  if (typeof value === 'number') {
    if (value < minimum) return [`is ${value}, at least ${minimum} is needed`]
    if (value > maximum) return [`is ${value}, at most ${maximum} is allowed`]
  }
  return undefined
}

const typeNames: Record<NonNullable<JsonSchema['type']>, string> = {
  object: 'a map',
  array: 'a list',
  string: 'a string',
  integer: 'an integer',
  boolean: 'a boolean',
  null: 'null',
}

function hasType(node: YamlNode, type: NonNullable<JsonSchema['type']>): boolean {
  if (node.kind !== 'scalar') return type === (node.kind === 'map' ? 'object' : 'array')
  if (type === 'integer') return Number.isInteger(node.value)
  return type === (node.value === null ? 'null' : typeof node.value)
}

function nameOf(node: YamlNode): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`
  return node.value === null ? 'empty' : `the ${typeof node.value} ${node.value}`
}

/** `version: 1.10` is the number 1.1: the source says what was meant. */
function typeFix(type: JsonSchema['type'], node: YamlNode): [fix?: string, edit?: Edit] {
  if (node.kind !== 'scalar' || node.value === null) return []
  const text = type === 'string' ? `"${node.source}"` : type === 'array' ? `[${node.source}]` : undefined
  return text === undefined ? [] : [`write ${text}`, {was: node.source, text}]
}

function unknownFix(key: string, node: YamlNode, known: string[]): string {
  // `{message: Poll less often, or block less}`: the rest of the sentence has become a field.
  const cut = node.kind === 'scalar' && node.value === null && key.includes(' ')
  const others = cut
    ? 'quote the text before it: inside {…}, YAML ends a text at a comma'
    : `known: ${known.sort().join(', ')}`
  return didYouMean(key, known) ?? others
}

function hintOf({examples, enum: options, type, ...rules}: JsonSchema = {}): string {
  return String(rules.const ?? examples?.[0] ?? options?.[0] ?? `<${type ?? 'value'}>`)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
