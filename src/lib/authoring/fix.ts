import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {writeAtomically} from '../config/index.ts'
import {UserError} from '../errors.ts'
import {applyEdits, type CheckObject, type Finding, lintPackage, loadFolder} from '../package/index.ts'
import {knownKinds} from './lint.ts'

/** A mended fault may have hidden another; what is still there then needs its author. */
const rounds = 5

/** Mends in a folder what has one right answer, and leaves the rest of each file as it is. Gives what it has mended. */
export async function fixPackage(folder: string, check?: CheckObject): Promise<Finding[]> {
  const fixed: Finding[] = []
  for (let round = 0; round < rounds; round++) {
    const findings = await findingsOf(folder, check)
    const files = Map.groupBy(
      findings.filter(({edit}) => edit !== undefined),
      ({position}) => position.file,
    )
    let changed = false
    for (const [name, found] of files) {
      const file = join(folder, name)
      const {text, done} = applyEdits(await readFile(file, 'utf8'), found)
      if (done.length === 0) continue
      await writeAtomically(file, text, (await stat(file)).mode)
      fixed.push(...done)
      changed = true
    }
    if (!changed) break
  }
  return fixed
}

/** Also of a package whose manifest cannot be read. */
async function findingsOf(folder: string, check: CheckObject | undefined): Promise<Finding[]> {
  try {
    return await lintPackage(await loadFolder(folder), check ?? (await knownKinds()))
  } catch (error) {
    if (error instanceof UserError && error.code === 'package.invalid') return error.details as Finding[]
    throw error
  }
}
