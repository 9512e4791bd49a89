import {string} from '@oclif/core/args'
import {type AnswerFlagValues, gatherAnswers, readerFor} from './answers.ts'
import {AppCommand} from './app-command.ts'
import type {CommandClass} from './base-command.ts'
import {choosePackage} from './choose-package.ts'
import type {Chosen} from './chosen.ts'
import type {Context} from './cluster-command.ts'

/** The base of commands that start from a package and answers; they have `answerFlags`. */
export abstract class PackageCommand<C extends CommandClass, Result> extends AppCommand<C, Result> {
  static override args = {
    package: string({description: 'name, name@1.2.3, repo/name, ./folder or file.tgz', required: true}),
    app: string({description: 'what it will be called; the package’s name without'}),
  }

  /** What the command line says. Answers are gathered, and not checked. */
  protected async choose(context: Context<C>): Promise<Chosen> {
    const {settings} = context
    // `as`: what the command has by this class's word.
    const args = context.args as {package: string; app?: string}
    const flags = context.flags as AnswerFlagValues
    const [{pkg, origin}, lib] = await Promise.all([choosePackage(args.package, settings), this.lib(context)])
    const read = readerFor(settings.paths.workDir, this.session.env)
    const ref = this.appRef(args.app ?? pkg.manifest.name, context)
    return {
      lib,
      ref,
      pkg,
      origin,
      answers: await gatherAnswers(flags, pkg, read, this.words),
      around: {ref, pkg, cluster: lib.cluster, revision: 1, kept: new Set<string>(), read},
    }
  }
}
