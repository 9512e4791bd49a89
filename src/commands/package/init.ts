import {resolve} from 'node:path'
import {string} from '@oclif/core/args'
import {boolean as booleanFlag, string as stringFlag} from '@oclif/core/flags'
import {BerthCommand} from '../../cli/base-command.ts'
import {askOwn} from '../../cli/chosen.ts'
import {answerFlags} from '../../cli/flags.ts'
import {createPackage, initForm} from '../../lib/authoring/index.ts'
import {type InitAnswers, initParameters} from '../../lib/package/index.ts'
import {faultsOf, invalidAnswers, mergeAnswers, parseFlags} from '../../lib/params/index.ts'
import {type PackageCreated, packageCreatedView} from '../../view/package/created.ts'

export default class PackageInit extends BerthCommand<typeof PackageInit, PackageCreated> {
  static override summary = 'begin a package: a small one that works, to change into yours'
  static override description =
    'Asks at a terminal for title, image, port, health, data and database; --set answers them, and --yes takes the defaults of the others.'
  static override examples = [
    {description: 'in the folder wiki', command: 'berth package init wiki'},
    {
      description: 'from a script',
      command:
        'berth package init wiki --set image=example.com/wiki:1.2.3 --set port=3000 --set database=postgresql --yes',
    },
  ]
  static override args = {name: string({description: 'its name', required: true})}
  static override flags = {
    dir: stringFlag({summary: 'the folder, new or empty; otherwise the name', helpValue: 'FOLDER'}),
    set: answerFlags.set,
    yes: booleanFlag({char: 'y', summary: 'do not ask: defaults for what --set does not say'}),
  }
  static override resultKind = 'PackageCreated'
  static override view = packageCreatedView

  async run(): Promise<PackageCreated> {
    const {args, flags} = await this.input()
    const form = initForm(args.name)
    const merged = mergeAnswers(initParameters, {flags: parseFlags({set: flags.set ?? []})})
    const said = this.interactive
      ? await askOwn(this.session, form, {
          title: `A new package, ${args.name}`,
          parameters: initParameters,
          interfaces: {},
          present: merged.answers,
        })
      : merged.answers
    const resolution = await form.resolve(said)
    const faults = faultsOf(merged, resolution.errors)
    if (faults.length > 0) throw invalidAnswers(faults, args.name)
    // `as`: resolved without errors, so they fit the schema, which has a default for each.
    const chosen = resolution.params as unknown as InitAnswers
    return createPackage(args.name, resolve(this.session.paths.workDir, flags.dir ?? args.name), chosen)
  }
}
