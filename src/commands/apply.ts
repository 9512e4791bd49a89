import {readFile} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {text as readAll} from 'node:stream/consumers'
import {boolean, string} from '@oclif/core/flags'
import {readerFor} from '../cli/answers.ts'
import {AppCommand} from '../cli/app-command.ts'
import {choosePackage} from '../cli/choose-package.ts'
import type {Context} from '../cli/cluster-command.ts'
import {wrongUsage} from '../cli/errors.ts'
import {operationFlags, operationOptions} from '../cli/flags.ts'
import {changeFlags, driftOption} from '../cli/install-flags.ts'
import {insistOn, planChanged} from '../lib/app/index.ts'
import {carryOutSet, planSet, readAppSet} from '../lib/sets/index.ts'
import {warningsOf} from '../view/app/plan.ts'
import {type ApplyResult, applyView, setPlanView, setRisk} from '../view/apply.ts'

const {'on-drift': onDrift, 'no-wait': noWait} = changeFlags

export default class Apply extends AppCommand<typeof Apply, ApplyResult> {
  static override summary =
    'bring about a set of apps that a file declares: installed, changed, and with --prune removed'
  static override description =
    'Apps come in the order in which they use each other, those that do not, at the same time. All are planned before anything is changed. ' +
    'Run again it changes nothing, and says so. The file is checked against schemas/app-set.schema.json; docs/sets.md shows one.'
  static override examples = [
    {description: 'show what it would do', command: 'berth apply -f apps.yaml --dry-run'},
    {
      description: 'do it, and remove what the file had and has no more',
      command: 'berth apply -f apps.yaml --prune --yes',
    },
    {
      description: 'plan, approve, apply',
      command: 'berth apply -f apps.yaml --dry-run --json\nberth apply -f apps.yaml --plan HASH --yes',
    },
    {
      description: 'in CI: exit 8 where the cluster is not as the file says',
      command: 'berth apply -f apps.yaml --check',
    },
  ]
  static override flags = {
    ...operationFlags,
    file: string({char: 'f', summary: 'the file, - for stdin', helpValue: 'FILE', required: true}),
    prune: boolean({summary: 'uninstall apps that the set had and has no more; their data is kept'}),
    check: boolean({summary: 'change nothing; exit 8 where there is something to do'}),
    move: boolean({summary: 'take over apps that belong to another set'}),
    'on-drift': onDrift,
    'no-wait': noWait,
  }
  static override resultKind = 'ApplyResult'
  static override view = applyView
  static override interrupt = 'after-step' as const

  async run(): Promise<ApplyResult> {
    const context = await this.context()
    const {flags, settings} = context
    const {folder, set} = await this.#read(context)
    const there = {...settings, paths: {...settings.paths, workDir: folder}}
    const lib = await this.lib(context)
    const options = {
      choose: (words: string) => choosePackage(words, there),
      read: readerFor(folder, this.session.env),
      ...operationOptions(flags),
      wait: !flags['no-wait'],
      onDrift: driftOption(flags).onDrift,
      prune: flags.prune,
      move: flags.move,
    }
    const prepared = await planSet(lib, set, options)
    const {plan} = prepared
    if (flags.plan !== undefined && flags.plan !== plan.hash) throw planChanged(set.name, plan)
    if (flags.check && plan.changes) this.verdict(8)
    if (flags['dry-run'] || flags.check) return {plan, results: null}
    if (plan.changes) await this.#agree(prepared.plan)
    const results = await carryOutSet(lib, prepared, options, async (found, wanted) => {
      const agreed = plan.apps.find(({app}) => app.namespace === found.app.namespace && app.name === found.app.name)
      if (agreed !== undefined) insistOn(agreed.plan.hash, found)
      this.warn(warningsOf(found), this.interactive)
      if (wanted !== undefined) await lib.trust(wanted.request.origin)
    })
    this.warn(results.flatMap(({outcome}) => outcome?.warnings ?? []))
    if (results.some(({state}) => state !== 'done')) this.verdict(6)
    return {plan, results}
  }

  async #agree(plan: ApplyResult['plan']): Promise<void> {
    await this.askAbout(setPlanView, plan, `Apply ${plan.set}?`, setRisk(plan))
  }

  /** The set, and the folder that paths in it start from. */
  async #read({flags, settings, kube}: Context<typeof Apply>) {
    const {workDir} = settings.paths
    const {namespace} = kube.target
    if (flags.file === '-')
      return {folder: workDir, set: readAppSet(await readAll(process.stdin), 'standard input', namespace)}
    const path = resolve(workDir, flags.file)
    const source = await readFile(path, 'utf8').catch((error: Error) => {
      throw wrongUsage(`${flags.file} cannot be read: ${error.message}`, this.words)
    })
    return {folder: dirname(path), set: readAppSet(source, flags.file, namespace)}
  }
}
