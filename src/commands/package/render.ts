import {string} from '@oclif/core/args'
import {string as stringFlag} from '@oclif/core/flags'
import {gatherAnswers, readerFor} from '../../cli/answers.ts'
import {BerthCommand} from '../../cli/base-command.ts'
import {answerFlags} from '../../cli/flags.ts'
import {previewPackage} from '../../lib/authoring/index.ts'
import {resolvePackage} from '../../lib/repo/index.ts'
import {type RenderedPackage, renderedPackageView} from '../../view/package/rendered.ts'

export default class PackageRender extends BerthCommand<typeof PackageRender, RenderedPackage> {
  static override summary = 'show the objects that a package makes of answers, without a cluster'
  static override description =
    'Prints YAML documents, --json the same as data. Secrets are words like <secret password>; what a provider would say is known later.'
  static override examples = [
    {description: 'with its defaults', command: 'berth package render ./wiki'},
    {
      description: 'with answers',
      command: 'berth package render wiki -f answers.yaml --set database=app:db/pg',
    },
  ]
  static override args = {
    package: string({description: 'a folder, an archive, or the name of a package', required: true}),
    name: string({description: 'what the app is called; the package’s name without'}),
  }
  static override flags = {
    ...answerFlags,
    namespace: stringFlag({
      char: 'n',
      summary: 'the namespace that is written into the objects',
      default: 'default',
      helpValue: 'NAME',
    }),
    'kube-version': stringFlag({summary: 'the Kubernetes that templates see', default: '1.34.0', helpValue: 'VERSION'}),
  }
  static override resultKind = 'RenderedPackage'
  static override view = renderedPackageView

  async run(): Promise<RenderedPackage> {
    const {args, flags} = await this.input()
    const settings = await this.settings()
    const {package: pkg} = await resolvePackage(args.package, settings)
    const read = readerFor(settings.paths.workDir, this.session.env)
    return previewPackage(pkg, {
      app: {name: args.name ?? pkg.manifest.name, namespace: flags.namespace},
      answers: await gatherAnswers(flags, pkg, read, this.words),
      cluster: {
        domain: 'localhost',
        ingressClass: null,
        storageClass: null,
        ...settings.defaults,
        kubernetes: flags['kube-version'],
      },
      read,
    })
  }
}
