import type {Position} from '../expr/index.ts'
import {nearest} from '../nearest.ts'
import {finding} from './errors.ts'
import {keyPositionOf, nodeAt, positionOf} from './tree.ts'
import type {Finding} from './types.ts'
import type {YamlNode} from './yaml.ts'

/** The part of JSON Schema 2020-12 that our own schemas are written in: nothing else may appear in them (a test compares with ajv). */
export interface StructureSchema {
  $ref?: string
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  description?: string
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly StructureSchema[]
  properties?: Readonly<Record<string, StructureSchema>>
  required?: readonly string[]
  additionalProperties?: StructureSchema | false
  propertyNames?: {pattern: string; maxLength?: number}
  items?: StructureSchema
  minItems?: number
  uniqueItems?: boolean
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  default?: unknown
  examples?: readonly unknown[]
  $defs?: Readonly<Record<string, StructureSchema>>
  $schema?: string
  $id?: string
  title?: string
}

type Path = (string | number)[]

/**
 * Checks a YAML file against one of our schemas. Written by hand because ajv costs ~100 ms to compile what this walks in one, and because
 * its messages know neither lines nor "did you mean".
 */
export function checkStructure(schema: StructureSchema, root: YamlNode, value: unknown): Finding[] {
  const findings: Finding[] = []
  visit(schema, value, [])
  return findings

  function report(path: Path, message: string, fix?: string, position: Position = positionOf(root, path)): void {
    findings.push(
      finding('error', 'manifest', position, `${path.length === 0 ? 'the file' : path.join('.')} ${message}`, fix),
    )
  }

  function visit(declared: StructureSchema, value: unknown, path: Path): void {
    const rules = resolve(declared)
    if (rules.anyOf === undefined) checkOne(rules, value, path)
    else alternatives(rules.anyOf, value, path)
  }

  function checkOne(rules: StructureSchema, value: unknown, path: Path): void {
    if (rules.type !== undefined && !hasType(value, rules.type)) {
      report(path, `is ${nameOf(value)}, not ${article(rules.type)}`, typeFix(rules, value, path))
      return
    }
    if ('const' in rules && value !== rules.const)
      report(path, `is ${show(value)}, not ${show(rules.const)}`, `write ${show(rules.const)}`)
    if (rules.enum !== undefined && !rules.enum.includes(value)) {
      const guess = typeof value === 'string' ? nearest(value, rules.enum.map(String)) : undefined
      report(
        path,
        `is ${show(value)}, not one of ${rules.enum.join(', ')}`,
        guess === undefined ? undefined : `did you mean ${guess}?`,
      )
    }
    if (typeof value === 'string') text(rules, value, path)
    if (typeof value === 'number') {
      if (rules.minimum !== undefined && value < rules.minimum)
        report(path, `is ${value}, at least ${rules.minimum} is needed`)
      if (rules.maximum !== undefined && value > rules.maximum)
        report(path, `is ${value}, at most ${rules.maximum} is allowed`)
    }
    if (Array.isArray(value)) list(rules, value, path)
    else if (typeof value === 'object' && value !== null) object(rules, value as Record<string, unknown>, path)
  }

  function resolve(rules: StructureSchema): StructureSchema {
    if (rules.$ref === undefined) return rules
    const name = rules.$ref.replace('#/$defs/', '')
    const target = schema.$defs?.[name]
    if (target === undefined) throw new TypeError(`no $defs/${name}`)
    return target
  }

  /** The faults of the alternative that fits the value's type best; of several, the one with fewest. */
  function alternatives(options: readonly StructureSchema[], value: unknown, path: Path): void {
    const tried = options.map(option => {
      const start = findings.length
      visit(option, value, path)
      const {type} = resolve(option)
      return {found: findings.splice(start), fits: type === undefined || hasType(value, type)}
    })
    if (tried.some(({found}) => found.length === 0)) return
    const best = tried.filter(({fits}) => fits).sort((a, b) => a.found.length - b.found.length)[0]
    if (best !== undefined) findings.push(...best.found)
    else
      report(
        path,
        `is ${nameOf(value)}, not ${options.map(option => article(resolve(option).type ?? 'object')).join(' or ')}`,
      )
  }

  function text(rules: StructureSchema, value: string, path: Path): void {
    if (rules.pattern !== undefined && !new RegExp(rules.pattern, 'u').test(value))
      report(path, `is ${show(value)}, which is not ${rules.description ?? `like ${rules.pattern}`}`)
    if (rules.minLength !== undefined && value.length < rules.minLength) report(path, 'is empty')
    if (rules.maxLength !== undefined && value.length > rules.maxLength)
      report(path, `has ${value.length} characters, ${rules.maxLength} are allowed`)
  }

  function list(rules: StructureSchema, value: unknown[], path: Path): void {
    if (rules.minItems !== undefined && value.length < rules.minItems)
      report(path, `has ${value.length} elements, at least ${rules.minItems} are needed`)
    if (rules.uniqueItems && new Set(value.map(item => JSON.stringify(item))).size < value.length)
      report(path, 'has an element twice')
    const {items} = rules
    if (items !== undefined) for (const [index, item] of value.entries()) visit(items, item, [...path, index])
  }

  function object(rules: StructureSchema, value: Record<string, unknown>, path: Path): void {
    const known = rules.properties ?? {}
    for (const name of rules.required ?? []) {
      if (!Object.hasOwn(value, name))
        report(path, `has no ${name}`, `add ${name}: ${hintOf(resolve(known[name] ?? {}))}`)
    }
    for (const [key, entry] of Object.entries(value)) {
      const position = keyPositionOf(root, path, key)
      const property = Object.hasOwn(known, key) ? known[key] : undefined
      if (property !== undefined) visit(property, entry, [...path, key])
      else if (rules.additionalProperties === false) {
        report(path, `has an unknown field ${show(key)}`, unknownFix(key, entry, Object.keys(known)), position)
      } else {
        const names = rules.propertyNames
        if (
          names !== undefined &&
          (!new RegExp(names.pattern, 'u').test(key) || key.length > (names.maxLength ?? Number.POSITIVE_INFINITY))
        ) {
          report(path, `has the name ${show(key)}, which is not allowed: ${names.pattern}`, undefined, position)
        }
        if (rules.additionalProperties !== undefined) visit(rules.additionalProperties, entry, [...path, key])
      }
    }
  }

  function unknownFix(key: string, entry: unknown, known: string[]): string {
    const guess = nearest(key, known)
    if (guess !== undefined) return `did you mean ${guess}?`
    // `{message: Poll less often, or block less}`: the rest of the sentence has become a field.
    if (entry === null && key.includes(' ')) return 'quote the text before it: inside {…}, YAML ends a text at a comma'
    return `known: ${known.sort().join(', ')}`
  }

  /** `version: 1.10` is the number 1.1: the source says what was meant. */
  function typeFix(rules: StructureSchema, value: unknown, path: Path): string | undefined {
    const node = nodeAt(root, path)
    if (rules.type === 'string' && node?.kind === 'scalar' && (typeof value === 'number' || typeof value === 'boolean'))
      return `write "${node.source}"`
    if (rules.type === 'array' && typeof value !== 'object') return `write [${String(value)}]`
    return undefined
  }
}

function hasType(value: unknown, type: NonNullable<StructureSchema['type']>): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function nameOf(value: unknown): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : `the ${typeof value} ${String(value)}`
}

function article(type: string): string {
  return {object: 'a map', array: 'a list', integer: 'an integer'}[type] ?? `a ${type}`
}

function hintOf({examples, enum: options, type, ...rules}: StructureSchema): string {
  if ('const' in rules) return String(rules.const)
  return String(examples?.[0] ?? options?.[0] ?? `<${type ?? 'value'}>`)
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
