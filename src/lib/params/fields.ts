import {choicesOf, type Declaration, readDeclaration, unsetValue} from './declaration.ts'
import {type Computed, compileExpression, compileValue} from './expressions.ts'
import {isRecord, leadsInto} from './json.ts'
import type {Kind} from './kinds/kind.ts'
import {inOrderOfNeed} from './order.ts'
import {typesOf} from './schema/check.ts'
import type {Interfaces, ParametersSchema, ParamSchema} from './types.ts'

/**
 * A declared parameter in its place. Fields of a nested object (a group) are fields of their own; entries of lists are not. The whole
 * is a group, too: the root, with an empty path.
 */
export interface Field {
  path: string[]
  /** The last step of the path. */
  key: string
  /** Dotted: `smtp.port`. */
  name: string
  /** With `$ref` followed. */
  param: ParamSchema
  kind: Kind | undefined
  group: boolean
  /** Its parent asks for it. */
  required: boolean
  /** Its own, or its part of a group's, as declared. */
  default: unknown
  when: Computed | undefined
  byDefault: Computed | undefined
  /** What its kind has to know before. */
  input: Computed | undefined
  /** Of a binding: what it asks for. It may read everything, as nothing reads it. */
  request: Computed | undefined
  parent: Field | undefined
  children: Field[]
  /** Fields whose values must be known before. */
  needs: Field[]
  /** Names in the order in which its expressions lead back to itself. */
  loop: string[] | undefined
}

/** A declaration with its fields. */
export interface Fields extends Declaration {
  whole: Field
  /** All of them in the form's order, groups before what is in them; the whole is not among them. */
  all: Field[]
  /** In an order in which each finds what it reads; groups come before what is in them. */
  inOrder: Field[]
}

const known = new WeakMap<ParametersSchema, {added: Interfaces | undefined; fields: Fields}>()

/** The fields of a declaration, worked out once: forms ask again after every answer. */
export function readFields(parameters: ParametersSchema, added?: Interfaces): Fields {
  const found = known.get(parameters)
  if (found !== undefined && found.added === added) return found.fields
  const declaration = readDeclaration(parameters, added)
  const compile = {condition: once(compileExpression), value: once(compileValue)}
  const whole = makeField(declaration, compile, undefined, '', declaration.root)
  const all = whole.children.flatMap(flatten)
  for (const field of all) {
    const around = field.parent === whole ? [] : [field.parent].filter(parent => parent !== undefined)
    // Most fields read no other: only those that do are held against all.
    const read = [field.when, field.byDefault, field.input].flatMap(computed => (computed ? readsOf(computed) : []))
    field.needs = read.length === 0 ? around : all.filter(other => around.includes(other) || isRead(other, read))
  }
  const {order, loops} = inOrderOfNeed(all, field => field.needs)
  for (const loop of loops) for (const field of loop) field.loop ??= loop.map(({name}) => name)
  const fields = {...declaration, whole, all, inOrder: order}
  known.set(parameters, {added, fields})
  return fields
}

/** What many fields say, as those of a `$ref` do, is parsed for all of them. */
function once<Source>(compile: (source: Source, where: string) => Computed) {
  const known = new Map<Source, Computed>()
  return (source: Source, where: string): Computed => {
    const computed = known.get(source) ?? compile(source, where)
    known.set(source, computed)
    return computed
  }
}

interface Compile {
  condition: (source: string, where: string) => Computed
  value: (source: unknown, where: string) => Computed
}

function makeField(
  declaration: Declaration,
  compile: Compile,
  parent: Field | undefined,
  key: string,
  declared: ParamSchema,
): Field {
  const param = declaration.follow(declared)
  const path = parent === undefined ? [] : [...parent.path, key]
  const name = path.join('.')
  const own = (isRecord(parent?.default) ? parent.default[key] : undefined) ?? param.default
  const where = `parameter ${name}`
  const kind = declaration.kindOf(param)
  const input = kind?.input?.(param)
  const field: Field = {
    path,
    key,
    name,
    param,
    kind,
    group: isGroup(param) && path.length < 32,
    required: parent?.param.required?.includes(key) === true,
    default: own,
    when: param.when === undefined ? undefined : compile.condition(param.when, where),
    byDefault: own === undefined ? undefined : compile.value(own, where),
    input: input === undefined ? undefined : compile.value(input, where),
    request: isRecord(param.request) ? compile.value(param.request, where) : undefined,
    parent,
    children: [],
    needs: [],
    loop: undefined,
  }
  if (field.group) {
    const children = Object.entries(param.properties ?? {})
    field.children = children.map(([key, child]) => makeField(declaration, compile, field, key, child)).sort(byOrder)
  }
  return field
}

function flatten(field: Field): Field[] {
  return [field, ...field.children.flatMap(flatten)]
}

/** An object whose fields are parameters of their own. */
export function isGroup(param: ParamSchema): boolean {
  return param.kind === undefined && isRecord(param.properties) && typesOf(param).every(type => type === 'object')
}

/** The values that the parameter at a path is limited to; none where it is not, or where there is no such parameter. */
export function choicesAt(parameters: ParametersSchema, added: Interfaces, path: readonly string[]): unknown[] {
  const found = readFields(parameters, added).all.find(({name}) => name === path.join('.'))
  return found === undefined ? [] : choicesOf(found.param)
}

/** Parameters that kinds read by their words, such as those that a hash is made of. */
export function readByKinds(parameters: ParametersSchema, added: Interfaces): string[][] {
  return readFields(parameters, added).all.flatMap(({input}) => (input === undefined ? [] : readsOf(input)))
}

/** By `order` where it is given; the rest keep their places after those before them. */
function byOrder(a: Field, b: Field): number {
  const rank = ({param}: Field) => (typeof param.order === 'number' ? param.order : 0)
  return rank(a) - rank(b)
}

/** Does the expression read the field? */
export function reads(computed: Computed, field: Field): boolean {
  return isRead(field, readsOf(computed))
}

/** The paths of parameters that an expression reads. */
function readsOf({reads}: Computed): string[][] {
  return reads.flatMap(([root, ...read]) => (root === 'params' ? [read] : []))
}

/** Itself, something within it, or a group around it. */
function isRead({path}: Field, read: readonly string[][]): boolean {
  return read.some(each => leadsInto(each, path) || leadsInto(path, each))
}

/**
 * Does the field have a value without an answer? Groups do when everything they require does, so that `params.limits.cpu` needs no
 * guard where nothing in `limits` must be answered.
 */
export function fillsItself(field: Field): boolean {
  if (field.default !== undefined && field.default !== null) return true
  if (field.kind?.fills?.(field.param) === true) return true
  return field.group && field.children.every(child => !child.required || fillsItself(child))
}

/** May templates see null? Then they must guard. */
export function isNullable(field: Field): boolean {
  const there = field.required || fillsItself(field) || unsetValue(field.param) !== null
  const derivedOfNull = field.kind?.derived?.(field.param) === true && field.needs.some(isNullable)
  return field.param.when !== undefined || !there || derivedOfNull
}

/**
 * A group that exists only once something in it is answered. One with a condition is not: where the condition holds, it is there, and
 * what it requires must be answered.
 */
export function isOptionalGroup(field: Field): boolean {
  return field.group && !field.required && field.param.when === undefined && !fillsItself(field)
}
