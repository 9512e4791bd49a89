import {resolve} from 'node:path'
import {string} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {ClusterCommand} from '../../cli/cluster-command.ts'
import {clusterFlags} from '../../cli/flags.ts'
import {fixPackage, lint, servedKinds} from '../../lib/authoring/index.ts'
import {resolvePackage} from '../../lib/repo/index.ts'
import {type PackageLinted, packageLintedView} from '../../view/package/linted.ts'

export default class PackageLint extends ClusterCommand<typeof PackageLint, PackageLinted> {
  static override summary = 'look for faults in a package: expressions, parameters, what it renders to'
  static override description =
    'Objects are held against the kinds of Kubernetes that berth knows; with --cluster against all that yours serves. docs/lint-rules.md lists the rules.'
  static override examples = [
    {description: 'the package of this folder', command: 'berth package lint .'},
    {description: 'mend what has one right answer', command: 'berth package lint ./wiki --fix'},
    {description: 'with custom resources, as the cluster serves them', command: 'berth package lint ./wiki --cluster'},
  ]
  static override args = {
    package: string({description: 'a folder, an archive, or the name of a package', required: true}),
  }
  static override flags = {
    fix: boolean({summary: 'write into the folder what has one right answer; comments and formatting stay'}),
    cluster: boolean({summary: 'hold objects against what the cluster serves'}),
    context: clusterFlags.context,
    kubeconfig: clusterFlags.kubeconfig,
  }
  static override resultKind = 'PackageLinted'
  static override view = packageLintedView

  async run(): Promise<PackageLinted> {
    const {args, flags, signal, report} = await this.input()
    const check = flags.cluster ? await servedKinds((await this.context()).kube, signal) : undefined
    const fixed = flags.fix ? await fixPackage(resolve(this.session.paths.workDir, args.package), check) : []
    for (const {position, rule} of fixed)
      report({type: 'step-done', step: 'fix', title: `mended ${position.file}:${position.line} (${rule})`})
    const found = await resolvePackage(args.package, await this.settings())
    return {...(await lint(found.package, check)), fixed}
  }
}
