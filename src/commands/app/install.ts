import {packageRef} from '../../cli/app-command.ts'
import {answerFlags, clusterFlags, planFlags, waitFlags} from '../../cli/flags.ts'
import {installFlags, installOptions} from '../../cli/install-flags.ts'
import {PackageCommand, packageArgs} from '../../cli/package-command.ts'
import {install, planInstall} from '../../lib/app/index.ts'
import {trustDigest} from '../../lib/repo/index.ts'
import type {OperationResult} from '../../view/app/plan.ts'
import {operationView} from '../../view/app/plan.ts'

export default class AppInstall extends PackageCommand<typeof AppInstall, OperationResult> {
  static override summary = 'install a package as an app'
  static override examples = [
    {
      description: 'ask what is needed, show the plan, install',
      command: '<%= config.bin %> app install miniflux',
    },
    {
      description: 'from a script',
      command: '<%= config.bin %> app install miniflux news -n web --set database=app:db/pg --yes --json',
    },
    {
      description: 'a folder, with answers from a file',
      command: '<%= config.bin %> app install ./mypackage -f answers.yaml',
    },
  ]
  static override args = packageArgs
  static override flags = {...clusterFlags, ...answerFlags, ...planFlags, ...waitFlags, ...installFlags}
  static override resultKind = 'OperationResult'
  static override view = operationView

  async run(): Promise<OperationResult> {
    const context = await this.context()
    const {args, flags, settings} = context
    const chosen = await this.choose(context, args, flags)
    const {lib, ref, resolved, around} = chosen
    const {manifest, name, version, digest} = {...resolved.package.manifest, ...resolved.package}
    const answers = this.interactive ? await this.ask(chosen) : chosen.answers
    const options = installOptions(flags, around.read)
    const request = {ref, pkg: resolved.package, origin: packageRef(resolved), answers, options}
    return this.operate(
      await planInstall(lib, request),
      async hash => {
        await trustDigest({digest, name, version}, settings)
        return install(lib, {...request, options: {...options, planHash: flags.plan ?? hash}})
      },
      {
        dryRun: flags['dry-run'],
        question: `Install ${manifest.title ?? name} as ${ref.namespace}/${ref.name}?`,
      },
    )
  }
}
