import {boolean, string} from '@oclif/core/flags'
import {gatherAnswers, readerFor} from '../../cli/answers.ts'
import {choosePackage} from '../../cli/choose-package.ts'
import {askOwn, merged} from '../../cli/chosen.ts'
import {ClusterCommand} from '../../cli/cluster-command.ts'
import {answerFlags} from '../../cli/flags.ts'
import {sharedArgs, sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {builtinInterfaces} from '../../lib/params/index.ts'
import {resolvePackage} from '../../lib/repo/index.ts'
import {addService, serviceForm} from '../../lib/shared/index.ts'
import {type Service, serviceAddedView} from '../../view/service/show.ts'

const {answers, set, 'set-json': json, 'set-file': file, 'set-env': env} = answerFlags

export default class ServiceAdd extends ClusterCommand<typeof ServiceAdd, Service> {
  static override summary = 'register a provider outside the cluster, for apps to use like any other'
  static override description =
    'What has to be said are the outputs of its interface: address, names, password, certificate. On a terminal it asks for what is not said. Apps name it as service:NAME, and all use what was said; with --by, each gets something of its own.'
  static override examples = [
    {
      description: 'a database; the password comes from the environment',
      command:
        'berth service add erp -n web --interface postgresql --set host=db.example.com --set port=5432 --set name=erp --set user=erp --set-env password=PGPASSWORD --set-file ca=ca.pem',
    },
    {
      description: 'a server where each app gets a database and a user of its own, made by the scripts of a package',
      command:
        'berth service add erp -n web --interface postgresql --by postgres --set host=db.example.com --set port=5432 --set name=postgres --set user=admin --set-env password=PGPASSWORD',
    },
    {
      description: 'from a file, for apps of every namespace',
      command: 'berth service add mail --cluster --interface smtp -f mail.yaml',
    },
    {
      description: 'of an interface that a package brings along; asks what there is to say',
      command: 'berth service add login -n web --interface oidc --package wiki',
    },
  ]
  static override args = sharedArgs
  static override flags = {
    ...sharedFlags,
    interface: string({summary: 'what it speaks: postgresql, smtp, http, …', helpValue: 'NAME', required: true}),
    package: string({
      summary: 'the package whose interface it is, where berth has none of that name',
      helpValue: 'PACKAGE',
    }),
    by: string({
      summary: 'a package whose scripts make a user and the like there for each app; what is said is its administrator',
      helpValue: 'PACKAGE',
      exclusive: ['package'],
    }),
    answers,
    set,
    'set-json': json,
    'set-file': file,
    'set-env': env,
    replace: boolean({summary: 'say all of one that is registered anew'}),
  }
  static override resultKind = 'Service'
  static override view = serviceAddedView

  async run(): Promise<Service> {
    const context = await this.context()
    const {kube, args, flags, settings, signal} = context
    const ref = sharedRef(context, args)
    const read = readerFor(settings.paths.workDir, this.session.env)
    const {package: from, replace} = flags
    const by = flags.by === undefined ? undefined : await choosePackage(flags.by, settings)
    const interfaces =
      from === undefined
        ? (by?.pkg.interfaces ?? builtinInterfaces)
        : (await resolvePackage(from, settings)).package.interfaces
    const form = serviceForm(ref, flags.interface, interfaces, read)
    const {parameters, known} = form
    const said = await gatherAnswers(flags, {manifest: {parameters, migrations: []}, interfaces: {}}, read, this.words)
    const isWhole = said.errors.length === 0 && (await form.resolve(said.answers)).errors.length === 0
    const title = `${known.title ?? known.name} as ${ref.namespace}/${ref.name}`
    const answers =
      this.interactive && !isWhole
        ? merged(await askOwn(this.session, form, {title, parameters, interfaces: {}, present: said.answers}))
        : said
    return addService(kube, ref, {form, answers, replace, by}, signal)
  }
}
