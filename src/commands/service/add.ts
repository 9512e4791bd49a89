import {boolean, string} from '@oclif/core/flags'
import {gatherAnswers, readerFor} from '../../cli/answers.ts'
import {ClusterCommand} from '../../cli/cluster-command.ts'
import {answerFlags} from '../../cli/flags.ts'
import {sharedArgs, sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {addService, serviceParameters} from '../../lib/shared/index.ts'
import {type Service, serviceView} from '../../view/service/show.ts'

const {answers, set, 'set-json': json, 'set-file': file, 'set-env': env} = answerFlags

export default class ServiceAdd extends ClusterCommand<typeof ServiceAdd, Service> {
  static override summary = 'register a provider outside the cluster, for apps to use like any other'
  static override description =
    'What has to be said are the outputs of its interface: address, names, password, certificate. Apps name it as service:NAME.'
  static override examples = [
    {
      description: 'a database; the password comes from the environment',
      command:
        'berth service add erp -n web --interface postgresql --set host=db.example.com --set port=5432 --set name=erp --set user=erp --set-env password=PGPASSWORD --set-file ca=ca.pem',
    },
    {
      description: 'from a file, for apps of every namespace',
      command: 'berth service add mail --cluster --interface smtp -f mail.yaml',
    },
  ]
  static override args = sharedArgs
  static override flags = {
    ...sharedFlags,
    interface: string({summary: 'what it speaks: postgresql, smtp, http, …', helpValue: 'NAME', required: true}),
    answers,
    set,
    'set-json': json,
    'set-file': file,
    'set-env': env,
    replace: boolean({summary: 'say all of one that is registered anew'}),
  }
  static override resultKind = 'Service'
  static override view = serviceView

  async run(): Promise<Service> {
    const context = await this.context()
    const {kube, args, flags, settings, signal} = context
    const {known, parameters} = serviceParameters(flags.interface)
    const read = readerFor(settings.paths.workDir, this.session.env)
    const about = {manifest: {parameters, migrations: []}, interfaces: {[known.name]: known}}
    const said = await gatherAnswers(flags, about, read, this.words)
    const service = {interface: flags.interface, answers: said, read, replace: flags.replace}
    return addService(kube, sharedRef(context, args), service, signal)
  }
}
