import {answerFlags, clusterFlags} from '../../cli/flags.ts'
import {PackageCommand} from '../../cli/package-command.ts'
import {checkAnswers} from '../../lib/app/index.ts'
import {invalidAnswers} from '../../lib/params/index.ts'
import {type AnswersValid, answersValidView} from '../../view/app/validated.ts'

export default class AppValidate extends PackageCommand<typeof AppValidate, AnswersValid> {
  static override summary = 'check answers to a package, and tell every wrong field at once'
  static override examples = [
    {
      description: 'a file of answers',
      command: 'berth app validate miniflux -f answers.yaml',
    },
    {
      description: 'from a front end: errors with field, code, message',
      command: 'berth app validate miniflux -f - --json < answers.json',
    },
  ]
  static override flags = {...clusterFlags, ...answerFlags}
  static override resultKind = 'AnswersValid'
  static override view = answersValidView

  async run(): Promise<AnswersValid> {
    const context = await this.context()
    const {lib, around, answers} = await this.choose(context)
    const errors = await checkAnswers(lib, around, answers)
    const {name, version} = around.pkg.manifest
    if (errors.length > 0) throw invalidAnswers(errors, name)
    return {package: name, version, fields: Object.keys(answers.answers)}
  }
}
