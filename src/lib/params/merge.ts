import type {FieldError} from '../errors.ts'
import type {AnswerPosition, AnswersFile} from './answers-file.ts'
import {coerceText} from './coerce.ts'
import {allInterfaces} from './expand.ts'
import {type Field, listFields, rootSchema} from './fields.ts'
import type {FlagChange} from './flags.ts'
import type {Interfaces} from './kinds/kind.ts'
import {secretWords} from './kinds/secret.ts'
import {checkLimits} from './limits.ts'
import {fromPointer, isRecord, type Path, toPointer} from './pointer.ts'
import {type Fault, toFieldError} from './schema/fault.ts'
import {unknownField} from './schema/structure.ts'
import {schemaAt} from './schema-at.ts'
import {printSetPath, type SetStep} from './set-path.ts'
import type {Answers, ParametersSchema, ParamSchema} from './types.ts'

/** Where answers come from, weakest first. Defaults are below all of them and never become answers. */
export interface AnswerSources {
  /** What the app has now. */
  present?: Answers
  file?: AnswersFile
  flags?: readonly FlagChange[]
  /** Interfaces beside the built-in ones, for the parts of a literal binding. */
  interfaces?: Interfaces
}

export interface MergedAnswers {
  answers: Answers
  /** What could not be merged: unknown fields of flags, text of a wrong type, limits. */
  errors: FieldError[]
  /** Places in the answers file of what came from there and was not overridden, for {@link locateErrors}. */
  positions: ReadonlyMap<string, AnswerPosition>
}

/**
 * One set of answers from all sources: flags over the file over what is there. A parameter is taken from one source as a whole, be it
 * a list or a dictionary; only nested objects are merged field by field. Flags change parts in place. Null takes an answer away.
 * Pure: nothing that is given is changed.
 */
export function mergeAnswers(parameters: ParametersSchema, sources: AnswerSources): MergedAnswers {
  const {present = {}, file, flags = [], interfaces} = sources
  const errors = [
    ...checkLimits(present).map(fault => toFieldError(fault)),
    ...checkLimits(file?.answers ?? {}).map(fault => toFieldError(fault)),
  ]
  const positions = new Map(file?.positions)
  if (errors.length > 0) return {answers: {}, errors: locateErrors(errors, positions), positions}

  const fields = listFields(parameters)
  const answers = mergeFields(mergeFields({}, present, fields), file?.answers ?? {}, fields)
  const root = rootSchema(parameters)
  const reach = allInterfaces(interfaces)
  for (const change of flags) {
    const fault = applyChange(answers, change)
    if (fault !== undefined) errors.push(toFieldError(fault.fault, fault.secret))
    const pointer = toPointer(plainPath(change.path))
    for (const known of [...positions.keys()]) {
      if (known === pointer || known.startsWith(`${pointer}/`)) positions.delete(known)
    }
  }
  errors.push(...checkLimits(answers).map(fault => toFieldError(fault)))
  return {answers, errors, positions}

  function applyChange(into: Answers, {path, change}: FlagChange): {fault: Fault; secret: boolean} | undefined {
    const at = schemaAt(root, path, reach)
    const where = plainPath(path)
    if ('unknown' in at && change.do !== 'unset') {
      const index = path.indexOf(at.unknown)
      return {fault: unknownField(at.unknown, where.slice(0, index + 1), at.known), secret: true}
    }
    if ('misfit' in at) {
      const message = at.misfit === 'list' ? 'has an index, but is no list' : 'has a field, but is no object'
      return {fault: {path: where, code: 'type', message: `${printSetPath(path)} ${message}`}, secret: true}
    }
    const forms = 'found' in at ? at.found : []
    const secret = hasSecretKind(path)
    const value = newValue(change, forms)
    if (value !== undefined && 'problem' in value) {
      const {problem, code, expected} = value
      const got = change.do === 'set' ? {got: change.text} : {}
      return {
        fault: {path: where, code, message: problem, ...(expected === undefined ? {} : {expected}), ...got},
        secret,
      }
    }
    const misplaced = value === undefined ? remove(into, path) : put(into, path, value.value)
    return misplaced === undefined ? undefined : {fault: {path: where, code: 'index', message: misplaced}, secret}
  }

  function newValue(change: FlagChange['change'], forms: readonly ParamSchema[]) {
    switch (change.do) {
      case 'unset':
        return undefined
      case 'setJson':
        return change.value === null ? undefined : {value: structuredClone(change.value)}
      case 'set':
        return coerceText(change.text, forms, reach)
      case 'setFrom':
        return fromSource(change, forms)
    }
  }

  /** What was read already is not read again: `--set-file key=<(command)` gives its bytes once. */
  function fromSource({source, text}: Extract<FlagChange['change'], {do: 'setFrom'}>, forms: readonly ParamSchema[]) {
    const secret = forms.some(form => form.kind === 'secret' || form['x-berth-expected'] === secretWords)
    if (secret && text === undefined) return {value: source}
    const exact = forms.some(form => form.format === 'multiline' || form.contentMediaType !== undefined)
    const read = exact ? (text ?? '') : (text ?? '').replace(/\r?\n$/, '')
    return secret ? {value: read} : coerceText(read, forms, reach)
  }

  function hasSecretKind(path: readonly SetStep[]): boolean {
    let level = fields
    for (const step of path) {
      const field = level.find(candidate => candidate.path.at(-1) === step)
      if (field === undefined) return false
      if (field.kind?.secret === true) return true
      level = field.children
    }
    return false
  }
}

/**
 * Puts line and column to the errors of answers that came from a file. Where a number or word stands unquoted for a text, says what to
 * write.
 */
export function locateErrors(
  errors: readonly FieldError[],
  positions: ReadonlyMap<string, AnswerPosition>,
): FieldError[] {
  return errors.map(error => {
    const exact = positions.get(error.field)
    const place = exact ?? nearest(error.field, positions)
    if (place === undefined) return error
    const {line, column} = place
    const unquoted = exact?.source !== undefined && error.code === 'type' && [error.expected].flat().includes('string')
    const message = unquoted ? `${error.message}: write ${JSON.stringify(exact.source)}, in quotes` : error.message
    return {...error, message, ...(unquoted && 'got' in error ? {got: exact.source} : {}), line, column}
  })
}

/** The innermost parent that stands in the file; the root is no place. */
function nearest(pointer: string, positions: ReadonlyMap<string, AnswerPosition>): AnswerPosition | undefined {
  for (let steps = fromPointer(pointer); steps.length > 0; steps = steps.slice(0, -1)) {
    const place = positions.get(toPointer(steps))
    if (place !== undefined) return place
  }
  return undefined
}

/** `over` onto `under`: fields of groups one by one, everything else as a whole. */
function mergeFields(under: Answers, over: Answers, fields: readonly Field[]): Answers {
  const merged = {...under}
  for (const [key, value] of Object.entries(over)) {
    const field = fields.find(candidate => candidate.path.at(-1) === key)
    if (value === null && !takesNull(field)) delete merged[key]
    else if (field?.group === true && isRecord(value)) {
      merged[key] = mergeFields(isRecord(merged[key]) ? merged[key] : {}, value, field.children)
    } else merged[key] = structuredClone(value)
  }
  return merged
}

function takesNull(field: Field | undefined): boolean {
  return field?.param.type !== undefined && [field.param.type].flat().includes('null')
}

function plainPath(path: readonly SetStep[]): Path {
  return path.map(step => (typeof step === 'object' ? '-' : step))
}

/** @returns why it cannot be put there */
function put(root: Answers, path: readonly SetStep[], value: unknown): string | undefined {
  let at: Record<string, unknown> | unknown[] = root
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1
    const made: Record<string, unknown> | unknown[] = typeof path[index + 1] === 'string' ? {} : []
    if (Array.isArray(at)) {
      const position: number = typeof step === 'object' ? at.length : Number(step)
      if (typeof step === 'string')
        return `${printSetPath(path.slice(0, index))} is a list: write an index, or [+] to append`
      if (position > at.length) return `the list has ${at.length} entries: append with [+]`
      if (last) at[position] = value
      else at = descend(at[position], made, next => ((at as unknown[])[position] = next))
    } else {
      if (typeof step !== 'string')
        return `${printSetPath(path.slice(0, index))} is an object: write a name, not an index`
      const key = step
      const parent = at
      if (last) parent[key] = value
      else at = descend(Object.hasOwn(parent, key) ? parent[key] : undefined, made, next => (parent[key] = next))
    }
  }
  return undefined
}

function descend(
  found: unknown,
  made: Record<string, unknown> | unknown[],
  store: (made: Record<string, unknown> | unknown[]) => void,
): Record<string, unknown> | unknown[] {
  if (typeof found === 'object' && found !== null) return found as Record<string, unknown> | unknown[]
  store(made)
  return made
}

/** @returns why it cannot be removed; what is not there is fine */
function remove(root: Answers, path: readonly SetStep[]): string | undefined {
  let at: unknown = root
  for (const step of path.slice(0, -1)) {
    if (typeof at !== 'object' || at === null || typeof step === 'object' || !Object.hasOwn(at, step)) return undefined
    at = (at as Record<string | number, unknown>)[step]
  }
  const last = path.at(-1)
  if (Array.isArray(at)) {
    if (typeof last === 'number') at.splice(last, 1)
    return typeof last === 'number' ? undefined : 'is a list: write an index'
  }
  if (isRecord(at) && typeof last === 'string') delete at[last]
  return undefined
}
