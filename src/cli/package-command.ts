import {string} from '@oclif/core/args'
import type {AppRef} from '../lib/anchor/index.ts'
import type {Lib, Surroundings} from '../lib/app/index.ts'
import {checkAnswers, fieldsFor} from '../lib/app/index.ts'
import type {Answers, MergedAnswers} from '../lib/params/index.ts'
import {type ResolvedPackage, resolvePackage} from '../lib/repo/index.ts'
import {type AnswerFlagValues, gatherAnswers, readerFor} from './answers.ts'
import {AppCommand} from './app-command.ts'
import type {CommandClass} from './base-command.ts'
import type {Context} from './cluster-command.ts'

/** The arguments of commands that make an app of a package. */
export const packageArgs = {
  package: string({description: 'name, name@1.2.3, repo/name, ./folder or file.tgz', required: true}),
  app: string({description: 'what it will be called; the package’s name without'}),
}

/** A package, the name that it shall have here, and answers to its parameters. */
export interface Chosen {
  lib: Lib
  ref: AppRef
  resolved: ResolvedPackage
  answers: MergedAnswers
  around: Surroundings
}

/** The base of commands that start from a package and answers. */
export abstract class PackageCommand<C extends CommandClass, Result> extends AppCommand<C, Result> {
  /** What the command line says. Answers are gathered, and not checked. */
  protected async choose(
    context: Pick<Context<CommandClass>, 'kube' | 'settings' | 'signal' | 'report'>,
    args: {package: string; app: string | undefined},
    flags: AnswerFlagValues,
  ): Promise<Chosen> {
    const {settings} = context
    const [resolved, lib] = await Promise.all([resolvePackage(args.package, settings), this.lib(context)])
    const {manifest} = resolved.package
    const read = readerFor(settings.paths.workDir, this.session.env)
    const ref = this.appRef(args.app ?? manifest.name, context)
    const around = {ref, manifest, cluster: lib.cluster, revision: 1, kept: new Set<string>(), read}
    return {lib, ref, resolved, around, answers: await gatherAnswers(flags, manifest.parameters, read, this.words)}
  }

  /** Asks on the terminal for what is not answered yet. What is wrong in given answers is asked again. */
  protected async ask({lib, around, answers}: Chosen): Promise<MergedAnswers> {
    const {askForm} = await import('./form/index.ts')
    const {kube, signal} = lib
    const {manifest} = around
    const given = new Set(Object.keys(answers.answers))
    const merged = (now: Answers): MergedAnswers => ({answers: now, errors: [], positions: new Map()})
    this.session.listener.settle()
    const answered = await askForm({
      parameters: manifest.parameters,
      present: answers.answers,
      title: `${manifest.title ?? manifest.name} as ${around.ref.namespace}/${around.ref.name}`,
      fields: now => fieldsFor(kube, around, now),
      check: now => checkAnswers(kube, around, merged(now)),
      ask: field => !given.has(field.field.split('/')[1] ?? ''),
      paint: this.session.err().paint,
      dumb: this.session.env.TERM === 'dumb',
      signal,
    })
    return merged(answered)
  }
}
