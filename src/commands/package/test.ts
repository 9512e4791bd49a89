import {string} from '@oclif/core/args'
import {string as stringFlag} from '@oclif/core/flags'
import {readerFor} from '../../cli/answers.ts'
import {AppCommand} from '../../cli/app-command.ts'
import {clusterFlags, operationFlags, operationOptions} from '../../cli/flags.ts'
import {installFlags} from '../../cli/install-flags.ts'
import {testPackage} from '../../lib/authoring/index.ts'
import {findFormer, type ResolvedPackage, resolvePackage} from '../../lib/repo/index.ts'
import {type PackageTested, packageTestedView} from '../../view/package/tested.ts'

export default class PackageTest extends AppCommand<typeof PackageTest, PackageTested> {
  static override summary = "install a package with each of its tests' answers, check it, and remove it"
  static override description =
    'Each answers file of tests/ gets a namespace of its own on your cluster. Checks are in tests/checks.yaml, those of one answers file in tests/NAME.checks.yaml: see docs/packaging.md. Where your repositories have a version before this one, it is upgraded from that, too. Exits 6 where something failed.'
  static override examples = [
    {description: 'all tests of the package of this folder', command: 'berth package test .'},
    {description: 'one of them', command: 'berth package test ./wiki --only small'},
    {
      description: 'upgrades from these versions',
      command: 'berth package test ./wiki --from wiki@1.2 --from wiki-1.0.0.tgz',
    },
  ]
  static override args = {
    package: string({description: 'a folder, an archive, or the name of a package', required: true}),
  }
  static override flags = {
    context: clusterFlags.context,
    kubeconfig: clusterFlags.kubeconfig,
    timeout: operationFlags.timeout,
    events: operationFlags.events,
    allow: installFlags.allow,
    from: stringFlag({
      summary: 'a version to upgrade from; without, the one before this in your repositories',
      helpValue: 'PACKAGE',
      multiple: true,
      default: [],
    }),
    only: stringFlag({summary: 'this test only', helpValue: 'NAME', multiple: true, default: []}),
  }
  static override resultKind = 'PackageTested'
  static override view = packageTestedView
  static override interrupt = 'after-step' as const

  async run(): Promise<PackageTested> {
    const context = await this.context()
    const {args, flags, settings} = context
    const [{package: pkg}, lib] = await Promise.all([resolvePackage(args.package, settings), this.lib(context)])
    const withRepository = ({package: found, origin}: ResolvedPackage) => ({
      package: found,
      repository: origin.repository,
    })
    const find = async (name: string) => withRepository(await resolvePackage(name, settings))
    const before = flags.from.length > 0 ? undefined : await findFormer(pkg, settings)
    const former = before ? [withRepository(before)] : await Promise.all(flags.from.map(find))
    const tested = await testPackage(lib, pkg, {
      only: flags.only,
      former,
      allow: flags.allow,
      ...operationOptions(flags),
      read: readerFor(settings.paths.workDir, this.session.env),
      find,
    })
    if (!tested.passed) this.verdict(6)
    return tested
  }
}
