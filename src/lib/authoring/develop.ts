import {watch} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'
import {diffObjects, type FieldChange} from '../app/index.ts'
import {BerthError} from '../errors.ts'
import {type Finding, lintPackage, loadFolder, type ManifestObject, type Package} from '../package/index.ts'
import {knownKinds} from './lint.ts'
import type {Preview} from './preview.ts'

/** How a package stands after a save. */
export interface DevelopedPackage {
  /** Why nothing can be rendered; what was rendered before stays what the next round is compared with. */
  fault: string | null
  findings: Finding[]
  /** How many objects it renders to. */
  objects: number
  /** Against the round before; in the first, each object is new. */
  changes: ObjectChange[]
}

export interface ObjectChange {
  object: string
  change: 'added' | 'removed' | 'changed'
  fields: FieldChange[]
}

/** Editors write a file in several steps, and several files at once. */
const quiet = 100

/**
 * Renders, lints and compares, now and after every save, until the signal. A fault is a round like any other.
 * @param preview renders with the chosen answers
 */
export async function* developPackage(
  folder: string,
  preview: (pkg: Package) => Promise<Preview>,
  signal: AbortSignal,
): AsyncGenerator<DevelopedPackage> {
  // Begun before the first round: what is saved during it is not missed.
  const saves = watch(folder, {recursive: true, signal})[Symbol.asyncIterator]()
  let before = new Map<string, ManifestObject>()
  try {
    let save = saves.next()
    for (;;) {
      const round = await renderRound(folder, preview)
      const {fault, findings} = round
      if (round.objects === undefined) yield {fault, findings, objects: before.size, changes: []}
      else {
        yield {fault, findings, objects: round.objects.size, changes: compare(before, round.objects)}
        before = round.objects
      }
      await save
      save = saves.next()
      while ((await Promise.race([save.then(() => 'saved'), sleep(quiet, 'quiet', {signal})])) === 'saved')
        save = saves.next()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function renderRound(
  folder: string,
  preview: (pkg: Package) => Promise<Preview>,
): Promise<{fault: string | null; findings: Finding[]; objects?: Map<string, ManifestObject>}> {
  let findings: Finding[] = []
  try {
    const pkg = await loadFolder(folder)
    findings = await lintPackage(pkg, await knownKinds())
    const {objects} = await preview(pkg)
    const named = objects.map(({object}) => [`${object.kind} ${object.metadata.name}`, object] as const)
    return {fault: null, findings, objects: new Map(named)}
  } catch (error) {
    if (!(error instanceof BerthError)) throw error
    const isManifest = error.code === 'package.invalid' && findings.length === 0 && Array.isArray(error.details)
    return {fault: error.message, findings: isManifest ? (error.details as Finding[]) : findings}
  }
}

function compare(before: Map<string, ManifestObject>, now: Map<string, ManifestObject>): ObjectChange[] {
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((object): ObjectChange[] => {
    const [from, to] = [before.get(object), now.get(object)]
    if (from === undefined) return [{object, change: 'added', fields: []}]
    if (to === undefined) return [{object, change: 'removed', fields: []}]
    const fields = diffObjects(from, to)
    return fields.length === 0 ? [] : [{object, change: 'changed', fields}]
  })
}
