import {answerFlags, clusterFlags} from '../../cli/flags.ts'
import {PackageCommand} from '../../cli/package-command.ts'
import {describeForm} from '../../lib/app/index.ts'
import {type AppForm, appFormView} from '../../view/app/form.ts'

export default class AppFormCommand extends PackageCommand<typeof AppFormCommand, AppForm> {
  static override summary = 'describe the form of a package: fields, types, defaults, choices from the cluster'
  static override examples = [
    {description: 'what can be answered', command: 'berth app form miniflux'},
    {
      description: 'for a front end: JSON Schema, fields in order, present answers',
      command: 'berth app form miniflux news -n web --json',
    },
  ]
  static override flags = {...clusterFlags, ...answerFlags}
  static override resultKind = 'AppForm'
  static override view = appFormView

  async run(): Promise<AppForm> {
    const context = await this.context()
    const {lib, around, answers} = await this.choose(context)
    return describeForm(lib, around, answers.answers)
  }
}
