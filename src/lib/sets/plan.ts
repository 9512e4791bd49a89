import {type Anchor, type AnchorSummary, type AppRef, formatRef, label as labels, listAnchors} from '../anchor/index.ts'
import {foresee, type InstallRequest, type Lib, type Plan, planUninstall, usedBy} from '../app/index.ts'
import {ifAllowed} from '../kube/index.ts'
import {levelsOf} from '../levels.ts'
import {whyNoTakeover} from '../package/index.ts'
import {mergeAnswers, type ReadSource} from '../params/index.ts'
import {shortHash} from '../short-hash.ts'
import {circular, otherPackage, otherSet} from './errors.ts'
import {Faults} from './faults.ts'
import type {AppSet, Declared} from './file.ts'

export interface SetOptions {
  /** Finds a package by its words. */
  choose(text: string): Promise<Pick<InstallRequest, 'pkg' | 'origin'>>
  read: ReadSource
  /** Of each wait, in milliseconds. */
  timeout: number
  wait: boolean
  onDrift: 'keep' | 'take' | 'fail' | undefined
  /** Remove what the set had and has no more; its data is kept. */
  prune: boolean
  /** Take apps that belong to another set. */
  move: boolean
}

/** What becomes of one app of a set. */
export interface AppPlan {
  app: AppRef
  change: 'install' | 'update' | 'none' | 'uninstall'
  plan: Plan
}

/** What `apply` will do, as data. */
export interface SetPlan {
  set: string
  /** In order: what is used comes before who uses it; what goes, at the end. */
  apps: AppPlan[]
  /** False where every app is as it shall be. */
  changes: boolean
  /** Of all plans together. */
  hash: string
}

/** A set thought through: what is shown, and what carrying it out needs. */
export interface PreparedSet {
  plan: SetPlan
  /** In levels: each after all that its apps use. */
  levels: Wanted[][]
  /** What goes, users first. */
  leaving: AppRef[]
}

/** An app of the set, looked up and planned. */
export interface Wanted extends AppPlan {
  request: InstallRequest
  /** Who it uses, of the set and beside it. */
  uses: string[]
}

interface Candidate extends Pick<Declared, 'ref' | 'pointer' | 'line' | 'column'> {
  request: InstallRequest
  uses: string[]
}

/**
 * Plans a set: every app against the cluster, and as if those that it uses were there already. Changes nothing.
 * @throws UserError `set.invalid`; `params.invalid`, `set.conflict`, … with all that is wrong in any app, each by its name
 */
export async function planSet(lib: Lib, set: AppSet, options: SetOptions): Promise<PreparedSet> {
  const faults = new Faults()
  const candidates = await faults.of(set.apps, declared => candidate(lib, set, declared, options))
  const uses = new Map(candidates.map(({ref, uses}) => [formatRef(ref), uses]))
  const byRef = new Map(candidates.map(entry => [formatRef(entry.ref), entry]))
  const {levels, circle} = levelsOf(candidates, ({uses}) => uses.flatMap(name => byRef.get(name) ?? []))
  if (circle.length > 0) throw circular(circle.map(({ref}) => ref))
  const upcoming = new Map<string, Anchor>()
  const planned: Wanted[][] = []
  for (const level of levels)
    planned.push(
      await faults.of(level, async ({ref, request, uses}) => {
        const {plan, before, after} = await foresee(lib, {...request, upcoming})
        if (before?.set !== undefined && before.set !== set.name && !options.move) throw otherSet(ref, before.set)
        const now = before?.current?.package
        const why = now && now.digest !== request.origin.digest ? whyNoTakeover(now, request.pkg.manifest) : undefined
        if (now !== undefined && why !== undefined) throw otherPackage(ref, now, why)
        upcoming.set(formatRef(ref), after)
        const change = before?.current === undefined ? 'install' : plan.changes ? 'update' : 'none'
        return {app: ref, change, plan, request, uses} as const
      }),
    )
  faults.tell()
  const leaving = options.prune ? await leavingOf(lib, set, uses) : []
  const removals = await faults.of(
    leaving.map(ref => ({ref})),
    async ({ref: app}) => {
      const plan = await planUninstall(lib, app, removal(options, leaving))
      return {app, change: 'uninstall', plan} as const
    },
  )
  faults.tell()
  const apps = [...planned.flat().map(({app, change, plan}) => ({app, change, plan})), ...removals]
  const hash = shortHash(apps.map(({plan}) => plan.hash).join(), 16)
  return {
    plan: {set: set.name, apps, changes: apps.some(({change}) => change !== 'none'), hash},
    levels: planned,
    leaving,
  }
}

/** Removal keeps data; who goes with it does not count as a user. */
export const removal = ({timeout}: Pick<SetOptions, 'timeout'>, leaving: AppRef[]) => ({
  deleteData: false,
  force: false,
  timeout,
  along: leaving,
})

async function candidate(lib: Lib, set: AppSet, declared: Declared, options: SetOptions): Promise<Candidate> {
  const {ref, pointer, line, column, allow, createNamespace} = declared
  const {pkg, origin} = await options.choose(declared.package)
  const {manifest, interfaces} = pkg
  const answers = mergeAnswers(manifest.parameters, {interfaces, file: declared.answers})
  const around = {ref, pkg, cluster: lib.cluster, revision: 1, kept: new Set<string>(), read: options.read}
  return {
    ...{ref, pointer, line, column},
    uses: (await usedBy(lib, around, answers)).map(formatRef),
    request: {
      ref,
      pkg,
      origin,
      answers,
      set: set.name,
      options: {
        adopt: false,
        allow,
        createNamespace,
        retained: 'adopt',
        onFailure: 'keep',
        read: options.read,
        wait: options.wait,
        timeout: options.timeout,
        ...(options.onDrift !== undefined && {onDrift: options.onDrift}),
      },
    },
  }
}

/** Apps that carry the set's name and are not in it any more, users before what they use. */
async function leavingOf(lib: Lib, set: AppSet, uses: ReadonlyMap<string, string[]>): Promise<AppRef[]> {
  const all = await listOfSet(lib, set)
  const gone = all.filter(({ref}) => !uses.has(formatRef(ref)))
  const usersOf = (name: string) => gone.filter(({bindings}) => Object.values(bindings).includes(name))
  const {levels, circle} = levelsOf(gone, ({ref}) => usersOf(formatRef(ref)))
  return [...levels.flat(), ...circle].map(({ref}) => ref)
}

/** Everywhere, or where the file has apps: who may not list the rest is told that it was not looked at. */
async function listOfSet({kube, signal, report}: Lib, {name, apps}: AppSet): Promise<AnchorSummary[]> {
  const how = {labelSelector: `${labels.set}=${name}`, signal}
  const everywhere = await ifAllowed(listAnchors(kube, how))
  if (everywhere !== undefined) return everywhere
  const namespaces = [...new Set([kube.target.namespace, ...apps.map(({ref}) => ref.namespace)])]
  const message = `you may not list the apps of all namespaces: --prune looks at ${namespaces.join(', ')} alone`
  report({type: 'warning', message})
  return (await Promise.all(namespaces.map(namespace => listAnchors(kube, {...how, namespace})))).flat()
}
