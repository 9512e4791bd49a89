import type {Field} from './fields.ts'
import {putAt, removeAt, valueAt} from './pointer.ts'
import type {Fault} from './schema/fault.ts'
import type {Answers} from './types.ts'

/** Answers under the names that this version uses. */
export interface Renamed {
  answers: Answers
  faults: Fault[]
}

/** Old paths of a field: names beside it, or JSON pointers from the root. */
function formerPaths(field: Field): string[][] {
  return (field.param.formerly ?? []).map(name =>
    name.startsWith('/') ? name.slice(1).split('/') : [...field.path.slice(0, -1), name],
  )
}

/** Moves answers from the names that fields had in earlier versions. Nothing given is changed. */
export function renameAnswers(fields: readonly Field[], given: Answers): Renamed {
  const answers = structuredClone(given)
  const faults: Fault[] = []
  const declared = new Set(fields.map(field => field.name))
  for (const field of fields) {
    for (const former of formerPaths(field)) {
      const old = valueAt(answers, former)
      if (old === undefined || declared.has(former.join('.'))) continue
      if (valueAt(answers, field.path) !== undefined) {
        faults.push({path: former, code: 'renamed', message: `is called ${field.name} now, which is answered, too`})
      } else {
        putAt(answers, field.path, old)
      }
      removeAt(answers, former)
    }
  }
  return {answers, faults}
}

/**
 * The names under which secrets are kept, as this version calls them, each with the name it is kept under.
 */
export function renameKept(fields: readonly Field[], kept: ReadonlySet<string>): Map<string, string> {
  const renamed = new Map([...kept].map(name => [name, name]))
  for (const field of fields) {
    for (const former of formerPaths(field)) {
      const old = former.join('.')
      for (const name of kept) {
        if (name !== old && !name.startsWith(`${old}.`)) continue
        const now = field.name + name.slice(old.length)
        if (!renamed.has(now)) renamed.set(now, name)
      }
    }
  }
  return renamed
}
