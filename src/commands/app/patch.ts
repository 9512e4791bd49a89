import {readFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import {text as readAll} from 'node:stream/consumers'
import {isDeepStrictEqual} from 'node:util'
import {string} from '@oclif/core/flags'
import {wrongUsage} from '../../cli/errors.ts'
import {operationFlags} from '../../cli/flags.ts'
import {changeFlags, changeOptions} from '../../cli/install-flags.ts'
import {SettingsCommand} from '../../cli/settings-command.ts'
import {type Patches, planUpdate, readPatches, update} from '../../lib/app/index.ts'
import {type PatchResult, patchView} from '../../view/app/patched.ts'

export default class AppPatch extends SettingsCommand<typeof AppPatch, PatchResult> {
  static override summary = 'change fields of an app’s objects that its package has no parameter for'
  static override description =
    'A patch is merged into an object of a component: {component: {Kind: {fields}}}; null takes a field away, lists are merged by name. It is kept with the answers, and checked by the server at every change. Without a flag it shows what there is.'
  static override examples = [
    {description: 'what is patched?', command: 'berth app patch news -n web'},
    {
      description: 'from a file, for the components that it names',
      command: 'berth app patch news -n web --file p.yaml',
    },
    {description: 'take the patches of a component back', command: 'berth app patch news -n web --remove app'},
  ]
  static override flags = {
    ...operationFlags,
    ...changeFlags,
    file: string({
      summary: 'patches in YAML or JSON, - for stdin; replaces those of its components',
      helpValue: 'FILE',
    }),
    remove: string({summary: 'take the patches of a component away', helpValue: 'COMPONENT', multiple: true}),
  }
  static override resultKind = 'PatchResult'
  static override view = patchView
  static override interrupt = 'after-step' as const

  async run(): Promise<PatchResult> {
    const app = await this.running()
    const {flags, lib, ref, present, around} = app
    const before = present.revision.patches
    const {file, remove = []} = flags
    if (file === undefined && remove.length === 0) return {app: ref, patches: before, plan: null, outcome: null}
    const unknown = remove.find(component => before[component] === undefined)
    if (unknown !== undefined) throw wrongUsage(`nothing of component ${unknown} is patched`, this.words)
    const kept = Object.entries(before).filter(([component]) => !remove.includes(component))
    const patches = {...Object.fromEntries(kept), ...(file === undefined ? {} : await this.#read(file, app))}
    const request = {...app, patches, options: changeOptions(flags, around.read)}
    const operated = await this.operate(
      () => planUpdate(lib, request),
      agree => update(lib, request, agree),
      {
        dryRun: flags['dry-run'],
        hash: flags.plan,
        question: `Patch ${ref.namespace}/${ref.name}?`,
        idle: isDeepStrictEqual(patches, before),
      },
    )
    return {app: ref, patches, ...operated}
  }

  async #read(file: string, {settings}: {settings: {paths: {workDir: string}}}): Promise<Patches> {
    if (file === '-') return readPatches(await readAll(process.stdin), 'standard input')
    try {
      return readPatches(await readFile(resolve(settings.paths.workDir, file), 'utf8'), file)
    } catch (error) {
      if (error instanceof Error && 'syscall' in error)
        throw wrongUsage(`${file} cannot be read: ${error.message}`, this.words)
      throw error
    }
  }
}
