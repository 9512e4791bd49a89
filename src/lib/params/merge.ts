import {isUtf8} from 'node:buffer'
import type {FieldError} from '../errors.ts'
import {type AnswerPosition, type AnswersFile, locateErrors} from './answers-file.ts'
import {takesNull} from './declaration.ts'
import {type Field, type Fields, readFields} from './fields.ts'
import type {FlagChange} from './flags.ts'
import {fromPointer, isRecord, leadsInto, toPointer, valueAt} from './json.ts'
import {checkLimits} from './limits.ts'
import {type Fault, toFieldError} from './schema/fault.ts'
import {type Coerced, coerceText, schemaAt} from './schema-at.ts'
import {plainPath, printSetPath, type SetStep} from './set-path.ts'
import type {Answers, Interfaces, ParametersSchema, ParamSchema} from './types.ts'

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

/** All that is wrong: what could not be merged, and what is wrong with the rest. What was said in vain is not also missing. */
export function faultsOf({errors: unmerged, positions}: MergedAnswers, errors: readonly FieldError[]): FieldError[] {
  const inVain = new Set(unmerged.map(({field}) => field))
  const others = errors.filter(({field, code}) => code !== 'required' || !inVain.has(field))
  return [...unmerged, ...locateErrors(others, positions)]
}

/**
 * One set of answers from all sources: flags over the file over what is there. A parameter is taken from one source as a whole, be it
 * a list or a dictionary; only nested objects are merged field by field. Flags change parts in place. Null takes an answer away.
 * Pure: nothing that is given is changed.
 */
export function mergeAnswers(parameters: ParametersSchema, sources: AnswerSources): MergedAnswers {
  const {present = {}, file = {answers: {}, positions: new Map()}, flags = [], interfaces} = sources
  const faults = [...checkLimits(present), ...checkLimits(file.answers)]
  if (faults.length > 0) {
    const errors = faults.map(fault => toFieldError(fault))
    return {answers: {}, errors: locateErrors(errors, file.positions), positions: file.positions}
  }
  const fields = readFields(parameters, interfaces)
  let answers = mergeGroup(mergeGroup({}, present, fields.whole), file.answers, fields.whole)
  const errors: FieldError[] = []
  for (const flag of flags) {
    const changed = applyFlag(answers, flag, fields)
    if ('answers' in changed) ({answers} = changed)
    else {
      const {path} = changed.fault
      const secret = fields.all.some(field => field.kind?.secret && leadsInto(path, field.path))
      errors.push(toFieldError(changed.fault, secret))
    }
  }
  errors.push(...checkLimits(answers).map(fault => toFieldError(fault)))
  const overridden = flags.map(({path}) => fromPointer(toPointer(plainPath(path))))
  const positions = [...file.positions].filter(
    ([pointer]) => !overridden.some(path => leadsInto(fromPointer(pointer), path)),
  )
  return {answers, errors, positions: new Map(positions)}
}

/** `over` onto `under`: fields of groups one by one, everything else as a whole. */
function mergeGroup(under: Answers, over: Answers, group: Field): Answers {
  const merged = {...under}
  for (const [key, value] of Object.entries(over)) {
    const field = group.children.find(child => child.key === key)
    const before = merged[key]
    if (value === null && !takesNull(field?.param)) delete merged[key]
    else if (field?.group === true && isRecord(value)) {
      merged[key] = mergeGroup(isRecord(before) ? before : {}, value, field)
    } else merged[key] = structuredClone(value)
  }
  return merged
}

function applyFlag(answers: Answers, {path, change}: FlagChange, fields: Fields): {answers: Answers} | {fault: Fault} {
  const at = schemaAt(fields, path)
  const where = plainPath(path)
  // What the package knows no more may be taken away.
  const isLeft = change.do === 'unset' && valueAt(answers, where) !== undefined
  if ('fault' in at && !(isLeft && at.fault.code === 'unknown')) return at
  const coerced = newValue(change, 'forms' in at ? at.forms : [], fields)
  if ('fault' in coerced) {
    return {fault: {path: where, ...coerced.fault, ...(change.do === 'set' ? {got: change.text} : {})}}
  }
  try {
    return {answers: edited(answers, path, 0, coerced.value) as Answers}
  } catch (error) {
    if (!(error instanceof Misplaced)) throw error
    return {fault: {path: where, code: 'index', message: error.message}}
  }
}

/** What the flag puts there; undefined takes away what is there. */
function newValue(change: FlagChange['change'], forms: ParamSchema[], fields: Fields): Coerced {
  switch (change.do) {
    case 'unset':
      return {value: undefined}
    case 'setJson':
      return {value: change.value === null ? undefined : structuredClone(change.value)}
    case 'set':
      return coerceText(change.text, forms, fields)
    case 'setFrom': {
      // what was read already is not read again: `--set-file key=<(command)` gives its bytes once
      const {content, source} = change
      const secret = forms.some(({kind}) => kind === 'secret' || kind === 'key')
      if (secret && content === undefined) return {value: source}
      const exact = forms.some(
        ({kind, format, contentMediaType}) =>
          kind === 'file' || format === 'multiline' || contentMediaType !== undefined,
      )
      const encoding = forms.some(({contentEncoding}) => contentEncoding === 'base64') ? 'base64' : 'utf8'
      const all = content?.toString(encoding) ?? ''
      if (encoding === 'utf8' && content !== undefined && !isUtf8(content))
        return {fault: {code: 'encoding', message: 'is not text in UTF-8'}}
      const text = exact ? all : all.replace(/\r?\n$/, '')
      return secret ? {value: text} : coerceText(text, forms, fields)
    }
  }
}

/** There is no such place in what is answered. */
class Misplaced extends Error {}

/**
 * A copy of `at` with the value at the rest of the path, made where it is missing; without what is there, if the value is undefined.
 * @throws Misplaced
 */
export function edited(at: unknown, path: readonly SetStep[], index: number, value: unknown): unknown {
  const step = path[index]
  if (step === undefined) return value
  const before = () => printSetPath(path.slice(0, index))
  if (typeof at !== 'object' || at === null) {
    return value === undefined ? at : edited(typeof step === 'string' ? {} : [], path, index, value)
  }
  if (Array.isArray(at)) {
    if (typeof step === 'string') throw new Misplaced(`${before()} is a list: write an index, or [+] to append`)
    const position = typeof step === 'object' ? at.length : step
    if (position > at.length && value !== undefined) {
      throw new Misplaced(`the list has ${at.length} entries: append with [+]`)
    }
    const inner = edited(at[position], path, index + 1, value)
    return inner === undefined ? at.toSpliced(position, 1) : at.toSpliced(position, 1, inner)
  }
  if (typeof step !== 'string') throw new Misplaced(`${before()} is an object: write a name, not an index`)
  const changed: Answers = {...at, [step]: edited(valueAt(at, [step]), path, index + 1, value)}
  if (changed[step] === undefined) delete changed[step]
  return changed
}
