import {isDeepStrictEqual} from 'node:util'
import {boolean} from '@oclif/core/flags'
import {askAnswers, merged} from '../../cli/chosen.ts'
import {editAnswers} from '../../cli/edit/index.ts'
import {answerFlags, operationFlags} from '../../cli/flags.ts'
import {changeFlags, changeOptions} from '../../cli/install-flags.ts'
import {type Running, SettingsCommand} from '../../cli/settings-command.ts'
import {planUpdate, update} from '../../lib/app/index.ts'
import {type OperationResult, operationView} from '../../view/app/plan.ts'

export default class AppConfig extends SettingsCommand<typeof AppConfig, OperationResult> {
  static override summary = 'change the answers that an app was installed with'
  static override description =
    'Asks on a terminal where nothing else says what to change. Only pods whose settings changed are restarted.'
  static override examples = [
    {description: 'the form, with the present answers', command: 'berth app config news -n web'},
    {description: 'one answer', command: 'berth app config news -n web --set poll=15'},
    {description: 'all of them, in your editor', command: 'berth app config news -n web --edit'},
    {
      description: 'plan, approve, apply',
      command: 'berth app config news --set poll=15 --dry-run --json\nberth app config news --set poll=15 --plan HASH',
    },
  ]
  static override flags = {
    ...operationFlags,
    ...answerFlags,
    ...changeFlags,
    edit: boolean({summary: 'edit the answers as a file in $VISUAL or $EDITOR', helpGroup: 'ANSWERS'}),
  }
  static override resultKind = 'OperationResult'
  static override view = operationView
  static override interrupt = 'after-step' as const

  async run(): Promise<OperationResult> {
    const app = await this.running()
    const {flags, lib, ref, present, around} = app
    const edited = flags.edit ? await editAnswers(app, this.session) : undefined
    const answers = flags.edit ? (edited?.answers ?? merged(present.answers)) : await this.#answered(app)
    const request = {...app, answers, options: changeOptions(flags, around.read)}
    const operating = this.operate(
      () => planUpdate(lib, request),
      agree => update(lib, request, agree),
      {
        dryRun: flags['dry-run'],
        hash: flags.plan,
        question: `Change ${ref.namespace}/${ref.name}?`,
        idle: answers.errors.length === 0 && isDeepStrictEqual(answers.answers, present.answers),
      },
    )
    return edited?.until(operating) ?? operating
  }

  /** Who says nothing is asked, where there is somebody to ask. */
  async #answered(app: Running & {flags: object}) {
    return this.interactive && !this.toldAnswers(app.flags) ? askAnswers(app, this.session) : app.answers
  }
}
