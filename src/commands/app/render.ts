import {answerFlags, clusterFlags} from '../../cli/flags.ts'
import {changeFlags} from '../../cli/install-flags.ts'
import {SettingsCommand} from '../../cli/settings-command.ts'
import {renderApp, renderChanged} from '../../lib/app/index.ts'
import {type RenderedPackage, renderedPackageView} from '../../view/package/rendered.ts'

const {allow} = changeFlags

export default class AppRender extends SettingsCommand<typeof AppRender, RenderedPackage> {
  static override summary = 'show the objects of an app as berth applies them, for a review or a diff'
  static override description =
    'Prints YAML documents, --json the same as data. With answers: as they would be after `app config`. Secrets are words like <secret password>.'
  static override examples = [
    {description: 'as it is', command: 'berth app render news -n web'},
    {
      description: 'what another answer changes',
      command: 'diff <(berth app render news -n web) <(berth app render news -n web --set poll=15)',
    },
  ]
  static override flags = {...clusterFlags, ...answerFlags, allow}
  static override resultKind = 'RenderedPackage'
  static override view = renderedPackageView

  async run(): Promise<RenderedPackage> {
    const app = await this.running()
    const {flags, lib, ref, around} = app
    if (!this.toldAnswers(flags)) return renderApp(lib, ref)
    const nothingDone = {adopt: false, onDrift: 'take', wait: false, timeout: 0, onFailure: 'keep'} as const
    return renderChanged(lib, {...app, options: {...nothingDone, allow: flags.allow, read: around.read}})
  }
}
