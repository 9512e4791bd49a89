import {string} from '@oclif/core/args'
import type {AppRef, PackageRef} from '../lib/anchor/index.ts'
import type {Lib, Surroundings} from '../lib/app/index.ts'
import {checkAnswers, fieldsFor} from '../lib/app/index.ts'
import type {Package} from '../lib/package/index.ts'
import type {Answers, MergedAnswers} from '../lib/params/index.ts'
import {resolvePackage} from '../lib/repo/index.ts'
import {type AnswerFlagValues, gatherAnswers, readerFor} from './answers.ts'
import {AppCommand} from './app-command.ts'
import type {CommandClass} from './base-command.ts'
import type {Context} from './cluster-command.ts'
import {given} from './given.ts'

/** A package, the name that it shall have here, and answers to its parameters. */
export interface Chosen {
  lib: Lib
  ref: AppRef
  pkg: Package
  /** How the app remembers the package. */
  origin: PackageRef
  answers: MergedAnswers
  around: Surroundings
}

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
    const [{package: pkg, origin}, lib] = await Promise.all([resolvePackage(args.package, settings), this.lib(context)])
    const {manifest, digest} = pkg
    const {name, version, appVersion} = manifest
    const read = readerFor(settings.paths.workDir, this.session.env)
    const ref = this.appRef(args.app ?? name, context)
    return {
      lib,
      ref,
      pkg,
      origin: {name, version, digest, ...given({appVersion, repository: origin.repository})},
      answers: await gatherAnswers(flags, pkg, read, this.words),
      around: {ref, pkg, cluster: lib.cluster, revision: 1, kept: new Set<string>(), read},
    }
  }

  /** Asks on the terminal for what is not answered yet. What is wrong in given answers is asked again. */
  protected async ask({lib, around, answers}: Chosen): Promise<MergedAnswers> {
    const {askForm} = await import('./form/index.ts')
    const {kube, signal} = lib
    const {manifest, interfaces} = around.pkg
    const given = new Set(Object.keys(answers.answers))
    const merged = (now: Answers): MergedAnswers => ({answers: now, errors: [], positions: new Map()})
    this.session.listener.settle()
    const answered = await askForm({
      parameters: manifest.parameters,
      interfaces,
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
