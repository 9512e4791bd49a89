import type {Field} from './fields.ts'
import {fromPointer, leadsInto, putAt, valueAt} from './json.ts'
import type {Fault} from './schema/fault.ts'
import type {Answers} from './types.ts'

/** Where a field was in earlier versions: `formerly` has names beside it, or JSON pointers from the root. */
export function formerPaths({param, path}: Field): string[][] {
  return (param.formerly ?? []).map(name => (name.startsWith('/') ? fromPointer(name) : [...path.slice(0, -1), name]))
}

/** Moves answers from the names that fields had in earlier versions. Nothing given is changed. */
export function renameAnswers(fields: readonly Field[], given: Answers): {answers: Answers; faults: Fault[]} {
  const answers = structuredClone(given)
  const faults: Fault[] = []
  const declared = new Set(fields.map(({name}) => name))
  for (const field of fields) {
    for (const former of formerPaths(field)) {
      const old = valueAt(answers, former)
      if (old === undefined || declared.has(former.join('.'))) continue
      if (valueAt(answers, field.path) === undefined) putAt(answers, field.path, old)
      else {
        faults.push({path: former, code: 'renamed', message: `is called ${field.name} now, which is answered, too`})
      }
      putAt(answers, former, undefined)
    }
  }
  return {answers, faults}
}

/** The names under which secrets are kept, as this version calls them, each with the name it is kept under. */
export function renameKept(fields: readonly Field[], kept: ReadonlySet<string>): Map<string, string> {
  const renamed = new Map([...kept].map(name => [name, name]))
  for (const field of fields) {
    for (const former of formerPaths(field)) {
      for (const old of kept) {
        const steps = old.split('.')
        if (!leadsInto(steps, former)) continue
        const now = [field.name, ...steps.slice(former.length)].join('.')
        if (!renamed.has(now)) renamed.set(now, old)
      }
    }
  }
  return renamed
}
