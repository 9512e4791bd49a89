import {string} from '@oclif/core/args'
import {boolean, string as stringFlag} from '@oclif/core/flags'
import {gatherAnswers, readerFor} from '../../cli/answers.ts'
import {AppCommand, defaultTimeout, packageRef} from '../../cli/app-command.ts'
import {answerFlags, clusterFlags, planFlags, waitFlags} from '../../cli/flags.ts'
import {given} from '../../cli/given.ts'
import {install, planInstall} from '../../lib/app/index.ts'
import {resolvePackage, trustDigest} from '../../lib/repo/index.ts'
import type {OperationResult} from '../../view/app/plan.ts'
import {operationView} from '../../view/app/plan.ts'

export default class AppInstall extends AppCommand<typeof AppInstall, OperationResult> {
  static override summary = 'install a package as an app'
  static override examples = [
    {description: 'ask what is needed, show the plan, install', command: '<%= config.bin %> app install miniflux'},
    {
      description: 'from a script',
      command: '<%= config.bin %> app install miniflux news -n web --set database=app:db/pg --yes --json',
    },
    {
      description: 'a folder, with answers from a file',
      command: '<%= config.bin %> app install ./mypackage -f answers.yaml',
    },
  ]
  static override args = {
    package: string({description: 'name, name@1.2.3, repo/name, ./folder or file.tgz', required: true}),
    app: string({description: 'what it will be called; the package’s name without'}),
  }
  static override flags = {
    ...clusterFlags,
    ...answerFlags,
    ...planFlags,
    ...waitFlags,
    'no-wait': boolean({summary: 'end once everything is applied, ready or not', helpGroup: 'PROGRESS'}),
    'create-namespace': boolean({summary: 'make the namespace if it is not there'}),
    adopt: boolean({summary: 'take over objects that exist and belong to no app'}),
    'adopt-data': boolean({summary: 'go on with the data that an uninstalled app of this name left'}),
    allow: stringFlag({
      summary: 'agree to something that reaches beyond the namespace',
      helpValue: 'NEED',
      multiple: true,
      default: [],
    }),
    'on-failure': stringFlag({
      summary: 'leave a failed install for resume, or take it back',
      options: ['keep', 'rollback'],
      default: 'keep',
    }),
  }
  static override resultKind = 'OperationResult'
  static override view = operationView

  async run(): Promise<OperationResult> {
    const context = await this.context()
    const {args, flags} = context
    const resolved = await resolvePackage(args.package, context.settings)
    const {package: pkg} = resolved
    const [lib, read] = [await this.lib(context), readerFor(context.settings.paths.workDir, this.session.env)]
    const ref = this.appRef(args.app ?? pkg.manifest.name, context)
    const answers = await gatherAnswers(flags, pkg.manifest.parameters, read, this.words)
    const options = {
      adopt: flags.adopt,
      retained: flags['adopt-data'] ? ('adopt' as const) : ('refuse' as const),
      allow: flags.allow,
      createNamespace: flags['create-namespace'],
      wait: !flags['no-wait'],
      timeout: flags.timeout ?? defaultTimeout,
      onFailure: flags['on-failure'] === 'rollback' ? ('rollback' as const) : ('keep' as const),
      read,
      ...given({planHash: flags.plan}),
    }
    const request = {ref, pkg, origin: packageRef(resolved), answers, options}
    return this.operate(
      await planInstall(lib, request),
      async hash => {
        await trustDigest(
          {digest: pkg.digest, name: pkg.manifest.name, version: pkg.manifest.version},
          context.settings,
        )
        return install(lib, {...request, options: {...options, planHash: flags.plan ?? hash}})
      },
      {
        dryRun: flags['dry-run'],
        question: `Install ${pkg.manifest.title ?? pkg.manifest.name} as ${ref.namespace}/${ref.name}?`,
      },
    )
  }
}
