import type {Anchor, AppRef, Binding, HistoryEntry, PackageRef, Phase, ProvidedEndpoint} from '../anchor/index.ts'
import {boundService, changeOf, findAnchor, formatRef, readAnchor} from '../anchor/index.ts'
import {retainedGrants, usersOf} from '../binding/index.ts'
import type {Kube} from '../kube/index.ts'
import type {Answers} from '../params/index.ts'

export interface Use {
  parameter: string
  interface: string
  provider: string
}

export interface User {
  app: string
  parameter: string
  interface: string
}

/** Which app's install brought it along. */
export const installedForOf = ({installedFor}: Anchor): string | null =>
  installedFor === undefined ? null : formatRef(installedFor)

const nameOf = (provider: Binding['provider']): string => {
  const service = boundService(provider)
  if (service !== undefined) return `service ${formatRef(service)}`
  return 'app' in provider ? formatRef(provider.app) : 'given address'
}

/** What it provides, uses, and who uses it. */
export function relations(anchor: Anchor): Pick<AppShow, 'endpoints' | 'uses' | 'users'> {
  return {
    endpoints: anchor.current?.provides ?? {},
    uses: Object.entries(anchor.current?.bindings ?? {}).map(([parameter, binding]) => ({
      parameter,
      interface: binding.interface,
      provider: nameOf(binding.provider),
    })),
    users: usersOf(anchor).map(grant => ({
      app: formatRef(grant.consumer),
      parameter: grant.parameter,
      interface: grant.interface,
    })),
  }
}

/** The app's anchor, if there is an app. @throws UserError `app.corrupt` */
export const findApp = ({kube, signal}: {kube: Kube; signal: AbortSignal}, ref: AppRef): Promise<Anchor | undefined> =>
  findAnchor(kube, ref, signal)

export interface AppShow {
  app: AppRef
  phase: Phase
  owner: string | null
  created: string
  package: PackageRef | null
  /** `namespace/name` of the app whose install brought it along. */
  installedFor: string | null
  revision: number
  answers: Answers
  /** Rules for fields that are left to others. */
  ignore: string[]
  endpoints: Record<string, ProvidedEndpoint>
  uses: Use[]
  users: User[]
  /** Apps that are gone, and whose data this one still keeps. */
  keptFor: string[]
  history: HistoryEntry[]
}

/** What an app is: package, answers, endpoints, who uses what. @throws UserError `app.not-found`, `app.corrupt` */
export async function showApp(kube: Kube, ref: AppRef, signal: AbortSignal): Promise<AppShow> {
  const anchor = await readAnchor(kube, ref, signal)
  const {phase, owner, created, history, current} = anchor
  const revision = current ?? changeOf(anchor)?.target
  return {
    app: ref,
    phase,
    owner: owner ?? null,
    created,
    package: anchor.package ?? null,
    installedFor: installedForOf(anchor),
    revision: current?.number ?? 0,
    answers: revision?.answers ?? {},
    ignore: revision?.ignore ?? [],
    ...relations(anchor),
    keptFor: retainedGrants(anchor).map(grant => `${formatRef(grant.consumer)} (${grant.parameter})`),
    history,
  }
}
