import compare from 'semver/functions/compare.js'
import type {FieldError} from '../errors.ts'
import {createBudget} from '../expr/index.ts'
import {compileExpression} from './expressions.ts'
import {fromPointer, isRecord, putAt, valueAt} from './json.ts'
import {type Fault, toFieldError} from './schema/fault.ts'
import type {Answers, Migration} from './types.ts'

/**
 * Answers that were given for an earlier version of a package, as this version takes them: the migrations of every version after it, in
 * order. What a migration reads and nobody answered is null; where that leaves nothing to work out, nothing is set, and the default
 * counts. Nothing given is changed. Plain renames are `formerly`, and need none.
 */
export function migrateAnswers(
  migrations: readonly Migration[],
  from: string,
  given: Answers,
): {answers: Answers; errors: FieldError[]} {
  const due = migrations.filter(({below}) => compare(from, below) < 0)
  const answers = structuredClone(given)
  const faults: Fault[] = []
  const budget = createBudget('declaredCost')
  for (const {below, set = {}, remove = []} of due.toSorted((a, b) => compare(a.below, b.below))) {
    const old = structuredClone(answers)
    for (const pointer of remove) putAt(answers, fromPointer(pointer), undefined)
    for (const [pointer, source] of Object.entries(set)) {
      const path = fromPointer(pointer)
      const {reads, evaluate} = compileExpression(source, `migration below ${below}`)
      const read = reads.flatMap(([root, ...steps]) => (root === 'old' ? [steps] : []))
      const result = evaluate({old: withNulls(old, read)}, {budget})
      const waits = read.some(steps => valueAt(old, steps) === undefined)
      if ('value' in result) putAt(answers, path, result.value ?? undefined)
      else if (!waits) {
        const message = `cannot be brought from version ${from} to ${below}: ${result.why}`
        faults.push({path, code: 'migration', message})
      }
    }
  }
  return {answers, errors: faults.map(fault => toFieldError(fault, true))}
}

/** With null where a path ends too early, so that expressions can ask. */
function withNulls(answers: Answers, paths: readonly string[][]): Answers {
  const filled = structuredClone(answers)
  for (const path of paths) {
    const missing = path.findIndex((_, index) => valueAt(filled, path.slice(0, index + 1)) === undefined)
    const within = missing < 0 ? undefined : valueAt(filled, path.slice(0, missing))
    if (isRecord(within)) putAt(filled, path.slice(0, missing + 1), null)
  }
  return filled
}
