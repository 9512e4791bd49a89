import type {AppRef} from '../lib/anchor/index.ts'
import {type Present, readPresent} from '../lib/app/index.ts'
import {type AnswerFlagValues, gatherAnswers, readerFor} from './answers.ts'
import {NamedAppCommand} from './app-command.ts'
import type {CommandClass} from './base-command.ts'
import type {Chosen} from './chosen.ts'
import type {Context} from './cluster-command.ts'
import {answerFlags} from './flags.ts'

/** An app as it is, and the answers that it shall have. */
export interface Running extends Chosen {
  present: Present
}

/** The base of commands that change the settings of an app: its package is the one in the cluster, its answers the present ones. */
export abstract class SettingsCommand<C extends CommandClass, Result> extends NamedAppCommand<C, Result> {
  /** The app with what the command line changes in its answers. Answers are gathered, and not checked. */
  protected async running(app?: Context<C> & {ref: AppRef}): Promise<Context<C> & Running> {
    const context = app ?? (await this.app())
    const {ref, settings} = context
    const lib = await this.lib(context)
    const present = await readPresent(lib, ref)
    const {pkg, origin} = present
    const {parameters} = pkg.manifest
    const read = readerFor(settings.paths.workDir, this.session.env)
    const flags = context.flags as AnswerFlagValues
    const around = {
      ref,
      pkg,
      cluster: lib.cluster,
      revision: present.revision.number + 1,
      kept: present.secrets,
      previous: present.answers,
      previousParameters: parameters,
      previousShared: {values: present.revision.values, services: present.revision.services},
      read,
    }
    const answers = await gatherAnswers(flags, pkg, read, this.words, present.answers)
    return {...context, lib, present, pkg, origin, answers, around}
  }

  /** Does the command line say anything about answers? */
  protected toldAnswers(flags: object): boolean {
    return Object.keys(answerFlags).some(name => (flags as Record<string, unknown>)[name] !== undefined)
  }
}
