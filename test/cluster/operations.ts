import {deleteObject, mergePatch} from '../../src/lib/kube/index.ts'
import type {Lane} from './lane.ts'

/** Calls that change something; a script in a pod is one. */
export const calls = {
  write:
    /^((POST|PUT|PATCH|DELETE) (?!.*(dryRun=All|selfsubject|accessreviews|\/leases\/))|(GET|POST) .*\/pods\/[^/]+\/exec\?)/,
  read: /^GET (?!.*(\/exec\?|watch=))/,
} as const

/** A call of the API at which berth is killed: the n-th that matches, before the server has it or after the server did it. */
export interface Point {
  on: RegExp
  n: number
  moment: 'before' | 'after'
}

/** How the app of a lane stands when nothing is under way. `kept`: uninstalled, its data there; `busy`: with a second binding. */
export type State = 'absent' | 'plain' | 'busy' | 'climbed' | 'told' | 'scaled' | 'autoscaled' | 'stopped' | 'kept'
/** What a user does after berth was killed. */
export type Way = 'resume' | 'abort' | 'again'

/** One operation, from how an app stands before it to how it stands after it. This table is all that the tests of crashes, faults and isolation know. */
export interface Operation {
  name: string
  from: State
  to: State
  /** Its words, without namespace and `--yes`. */
  command(app: string): string[]
  stdin?(app: string): string
  /** Secrets that it makes anew; all others stay what they are. */
  renews?: string[]
  /** What comes before it in `from`, where that is not how an app rests. */
  before?(lane: Lane): Promise<void>
  /** Where a way may lead, if not forward to `to`, and by `abort` back to `from`. */
  ends?: Partial<Record<Way, State[]>>
  /** It has no journal: nothing to resume or to take back, so after these it is done again. */
  restarts?: true
  /** What an abort leaves as it is, since it is not the app's. */
  afterAbort?(app: string): string[]
}

/** A value of its own, so that rolling it reaches no app that a failure left behind. */
export const greetingOf = (app: string) => `greeting-${app}`
const install = (app: string) => [
  ...['app', 'install', 'clerk', app, '--set', 'database=app:st'],
  ...['--set-value', `text=${greetingOf(app)}`],
]
/** The same as an install, declared. */
const declared = (app: string) =>
  JSON.stringify({
    apiVersion: 'berth.dev/v1',
    kind: 'AppSet',
    name: 'lane',
    apps: [{name: app, package: 'clerk', answers: {database: 'app:st', text: {$value: greetingOf(app)}}}],
  })
const say = (text: string) => (app: string) => ['value', 'set', greetingOf(app), text]
const roll = (text: string) => (app: string) => [...say(text)(app), '--roll']
const config =
  (...set: string[]) =>
  (app: string) => ['app', 'config', app, ...set]
const busy = config('--set', 'mode=busy', '--set', 'extension=hstore', '--set', 'files=app:st')
/** In the middle: the journal stands, a few things are done. */
const cutAt = {on: calls.write, n: 12, moment: 'after'} as const

const all: Operation[] = [
  {name: 'install', from: 'absent', to: 'plain', command: install},
  {name: 'config', from: 'plain', to: 'busy', command: busy},
  {
    name: 'config, a binding dropped',
    from: 'busy',
    to: 'plain',
    command: config('--unset', 'mode', '--unset', 'extension', '--unset', 'files'),
  },
  {name: 'config, with a task', from: 'plain', to: 'climbed', command: config('--set', 'level=2')},
  {name: 'rotate', from: 'plain', to: 'plain', command: app => ['app', 'rotate', app, 'key'], renews: ['key']},
  {
    name: 'binding rotate',
    from: 'plain',
    to: 'plain',
    command: app => ['binding', 'rotate', app, 'database'],
    renews: ['database.password'],
  },
  {
    name: 'value set --roll',
    from: 'plain',
    to: 'told',
    command: roll('two'),
    afterAbort: say('one'),
  },
  {name: 'scale', from: 'plain', to: 'scaled', command: app => ['app', 'scale', app, 'app=2']},
  {
    name: 'autoscale',
    from: 'plain',
    to: 'autoscaled',
    command: app => ['app', 'autoscale', app, '--min', '1', '--max', '2', '--cpu', '1000'],
  },
  {name: 'restart', from: 'plain', to: 'plain', command: app => ['app', 'restart', app]},
  {
    name: 'sync',
    from: 'plain',
    to: 'plain',
    command: app => ['app', 'sync', app],
    before: async ({kube, namespace, app}) => {
      const text = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `${app}-text`}
      await mergePatch(kube, text, {data: {mode: 'wild'}}, {fieldManager: 'hand'})
    },
    // What somebody else did is none of it.
    afterAbort: app => ['app', 'sync', app],
  },
  {name: 'stop', from: 'plain', to: 'stopped', command: app => ['app', 'stop', app]},
  {name: 'start', from: 'stopped', to: 'plain', command: app => ['app', 'start', app]},
  {name: 'uninstall', from: 'plain', to: 'kept', command: app => ['app', 'uninstall', app]},
  {
    name: 'uninstall --delete-data',
    from: 'plain',
    to: 'absent',
    command: app => ['app', 'uninstall', app, '--delete-data'],
  },
  {
    name: 'uninstall of what was kept',
    from: 'kept',
    to: 'absent',
    command: app => ['app', 'uninstall', app, '--delete-data'],
  },
  {
    name: 'install --adopt-data',
    from: 'kept',
    to: 'plain',
    command: app => [...install(app), '--adopt-data'],
  },
  {name: 'apply', from: 'absent', to: 'plain', command: () => ['apply', '-f', '-'], stdin: declared},
  {
    name: 'resume',
    from: 'plain',
    to: 'busy',
    command: app => ['app', 'resume', app],
    before: lane => lane.cut(busy, cutAt),
  },
  {
    name: 'abort of a config',
    from: 'plain',
    to: 'plain',
    command: app => ['app', 'abort', app],
    before: lane => lane.cut(busy, cutAt),
    // Killed before it has begun, what it was to take back is still there to go on.
    ends: {resume: ['plain', 'busy']},
  },
  {
    name: 'abort of an install',
    from: 'absent',
    to: 'absent',
    command: app => ['app', 'abort', app, '--delete-data'],
    before: lane => lane.cut(install, cutAt),
    ends: {resume: ['absent', 'plain'], abort: ['absent']},
  },
  {
    name: 'recover',
    from: 'plain',
    to: 'plain',
    command: app => ['app', 'recover', app],
    before: async ({kube, namespace, app}) => {
      await deleteObject(kube, {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `berth.${app}`})
    },
    restarts: true,
  },
]

/** `BERTH_OPERATIONS='rotate|recover'` tries only these. */
export const operations = all.filter(({name}) => new RegExp(process.env.BERTH_OPERATIONS ?? '').test(name))

/** Ways back from where an operation leads, that are not tried themselves. */
const back: Operation[] = [
  {
    name: 'value set --roll, back',
    from: 'told',
    to: 'plain',
    command: roll('one'),
  },
  {name: 'autoscale, back', from: 'autoscaled', to: 'plain', command: app => ['app', 'autoscale', app, '--off']},
  {name: 'scale, back', from: 'scaled', to: 'plain', command: app => ['app', 'scale', app, 'app=1']},
  {name: 'config, with a task, back', from: 'climbed', to: 'plain', command: config('--unset', 'level')},
]

/** What leads from one resting state to another. */
export const ways = [...all, ...back].filter(({before}) => before === undefined)
