import {readFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import {text as readAll} from 'node:stream/consumers'
import {string as argument} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {readerFor} from '../../cli/answers.ts'
import {AppCommand} from '../../cli/app-command.ts'
import type {Context} from '../../cli/cluster-command.ts'
import {wrongUsage} from '../../cli/errors.ts'
import {operationFlags, operationOptions} from '../../cli/flags.ts'
import {changeFlags} from '../../cli/install-flags.ts'
import {sharedArgs, sharedFlags, sharedRef} from '../../cli/shared-flags.ts'
import {isDumb} from '../../cli/terminal.ts'
import {planUpdate, refreshRequest, update} from '../../lib/app/index.ts'
import {BerthError, UserError} from '../../lib/errors.ts'
import {type SharedUser, setValue} from '../../lib/shared/index.ts'
import {type Reached, type ValueSet, valueSetView} from '../../view/value/set.ts'

const {'dry-run': _noPlan, plan: _noHash, ...rollFlags} = operationFlags

export default class ValueSetCommand extends AppCommand<typeof ValueSetCommand, ValueSet> {
  static override summary = 'make or change a value that apps share'
  static override description =
    'Answers take it by --set-value a.b=NAME, or {$value: NAME} in a file; the parameter says what the text means. A change ' +
    'reaches an app when that is changed, or at once with --roll.'
  static override examples = [
    {description: 'for apps of a namespace', command: 'berth value set smtp-host mail.example.com -n web'},
    {
      description: 'a secret, for all of the cluster',
      command: 'berth value set smtp-password --env PASSWORD --secret --cluster',
    },
    {
      description: 'and bring the apps that use it to it',
      command: 'berth value set smtp-host mx.example.com -n web --roll',
    },
  ]
  static override args = {...sharedArgs, value: argument({description: 'what it is; never of a secret'})}
  static override flags = {
    ...rollFlags,
    ...sharedFlags,
    secret: boolean({summary: 'keep it in a Secret, for secrets alone'}),
    file: string({summary: 'take it from a file, - for stdin', helpValue: 'FILE', exclusive: ['env']}),
    env: string({summary: 'take it from an environment variable', helpValue: 'VARIABLE'}),
    roll: boolean({summary: 'update the apps that use it'}),
    allow: changeFlags.allow,
  }
  static override resultKind = 'ValueSet'
  static override view = valueSetView
  static override interrupt = 'after-step' as const

  async run(): Promise<ValueSet> {
    const context = await this.context()
    const {kube, args, flags, signal} = context
    const text = await this.text(context)
    // what stood on the command line is no secret, whatever it was before
    const secret = flags.secret ? true : args.value === undefined ? undefined : false
    const {users, ...set} = await setValue(kube, sharedRef(context, args), {text, secret}, signal)
    if (users === null)
      context.report({type: 'warning', message: 'you may not list all namespaces: which apps use it is not known'})
    const reached: Reached[] = []
    for (const user of users ?? [])
      reached.push(flags.roll ? await this.roll(context, user) : {...user, state: 'waiting', error: null})
    if (reached.some(({state}) => state === 'failed')) this.verdict(6)
    return {...set, users: users && reached}
  }

  /** One app that fails does not keep the others from theirs. */
  private async roll(context: Context<typeof ValueSetCommand>, user: SharedUser): Promise<Reached> {
    const {flags, settings, signal} = context
    const {namespace, name} = user.app
    const options = {
      adopt: false,
      allow: flags.allow,
      wait: true,
      onFailure: 'keep' as const,
      read: readerFor(settings.paths.workDir, this.session.env),
      ...operationOptions(flags),
    }
    try {
      const lib = await this.lib(context)
      const request = await refreshRequest(lib, user.app, options)
      const how = {question: `Update ${namespace}/${name}?`, dryRun: false, hash: undefined}
      await this.operate(
        () => planUpdate(lib, request),
        agree => update(lib, request, agree),
        how,
      )
      return {...user, state: 'rolled', error: null}
    } catch (error) {
      if (!(error instanceof BerthError) || signal.aborted) throw error
      return {...user, state: 'failed', error: {code: error.code, message: error.message}}
    }
  }

  private async text({args, flags, settings, signal}: Context<typeof ValueSetCommand>): Promise<string> {
    const {value} = args
    const {file, env, secret} = flags
    const given = [value, file, env].filter(one => one !== undefined)
    if (given.length > 1) throw wrongUsage('give the value once: as VALUE, --file or --env', this.words)
    if (secret && value !== undefined)
      throw wrongUsage(
        'a secret never stands on the command line, where others see it: use --file, --env, or type it',
        this.words,
      )
    if (value !== undefined) return value
    if (env !== undefined) {
      const found = this.session.env[env]
      if (found === undefined) throw wrongUsage(`the environment has no variable ${env}`, this.words)
      return found
    }
    if (file !== undefined) {
      const text =
        file === '-'
          ? await readAll(process.stdin)
          : await readFile(resolve(settings.paths.workDir, file), 'utf8').catch((error: Error) => {
              throw wrongUsage(`the file ${file} cannot be read: ${error.message}`, this.words)
            })
      return text.replace(/\r?\n$/, '')
    }
    if (!secret || !this.interactive)
      throw wrongUsage('give the value: as VALUE, --file or --env; a secret can be typed', this.words)
    return typeSecret({dumb: isDumb(this.session.env), signal})
  }
}

async function typeSecret({dumb, signal}: {dumb: boolean; signal: AbortSignal}): Promise<string> {
  const {openPrompts, Back} = await import('../../cli/form/index.ts')
  const prompts = await openPrompts({input: process.stdin, output: process.stderr, signal}, dumb)
  const validate = async (typed: string) => (typed === '' ? 'type something' : undefined)
  return prompts.secret({message: 'The value', validate}).catch(error => {
    if (!(error instanceof Back)) throw error
    throw new UserError('confirmation.required', {message: 'no value was given: nothing was changed'})
  })
}
