import {string} from '@oclif/core/args'
import {resolvePackage} from '../lib/repo/index.ts'
import {type AnswerFlagValues, gatherAnswers, readerFor} from './answers.ts'
import {AppCommand} from './app-command.ts'
import type {CommandClass} from './base-command.ts'
import type {Chosen} from './chosen.ts'
import type {Context} from './cluster-command.ts'
import {given} from './given.ts'

/** The base of commands that start from a package and answers; they have `answerFlags`. */
export abstract class PackageCommand<C extends CommandClass, Result> extends AppCommand<C, Result> {
  static override args = {
    package: string({description: 'name, name@1.2.3, repo/name, ./folder or file.tgz', required: true}),
    app: string({description: 'what it will be called; the package’s name without'}),
  }

  /** What the command line says. Answers are gathered, and not checked. @param named as for `lib` */
  protected async choose(context: Context<C>, named = true): Promise<Chosen> {
    const {settings} = context
    // `as`: what the command has by this class's word.
    const args = context.args as {package: string; app?: string}
    const flags = context.flags as AnswerFlagValues
    const read = readerFor(settings.paths.workDir, this.session.env)
    // The package and the answers are read while the cluster is asked.
    const resolving = resolvePackage(args.package, settings)
    const [{package: pkg, origin}, answers, lib] = await Promise.all([
      resolving,
      resolving.then(resolved => gatherAnswers(flags, resolved.package, read, this.words)),
      this.lib(context, named),
    ])
    const {manifest} = pkg
    const {name, version, appVersion} = manifest
    const ref = this.appRef(args.app ?? name, context)
    return {
      lib,
      ref,
      pkg,
      origin: {
        name,
        version,
        // who only asks about the package does not have a folder packed
        get digest() {
          return pkg.digest
        },
        ...given({appVersion, repository: origin.repository}),
      },
      answers,
      around: {ref, pkg, cluster: lib.cluster, revision: 1, kept: new Set<string>(), read},
    }
  }
}
