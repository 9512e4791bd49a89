import type {AppRef, PackageRef} from '../lib/anchor/index.ts'
import type {Lib, Surroundings} from '../lib/app/index.ts'
import {checkAnswers, fieldsFor, newProvider} from '../lib/app/index.ts'
import type {FieldError} from '../lib/errors.ts'
import type {Package} from '../lib/package/index.ts'
import type {Answers, FormField, Interfaces, MergedAnswers, ParametersSchema} from '../lib/params/index.ts'
import type {Questions} from './form/index.ts'
import {type Session, whileAsking} from './session.ts'
import {isDumb} from './terminal.ts'

/** A package, the name that it has or shall have here, and answers to its parameters. */
export interface Chosen {
  lib: Lib
  ref: AppRef
  pkg: Package
  /** How the app remembers the package. */
  origin: PackageRef
  answers: MergedAnswers
  around: Surroundings
}

/** Answers that came from no file, and in which nothing was wrong. */
export const merged = (answers: Answers): MergedAnswers => ({answers, errors: [], positions: new Map()})

/** A form that no package has: its fields for these answers, and what is made of them with all that is wrong. */
interface OwnForm {
  fields(answers: Answers): Promise<FormField[]>
  resolve(answers: Answers): Promise<{errors: FieldError[]}>
}

/** Asks on the terminal what a form of berth's own wants to know. */
export async function askOwn(
  session: Session,
  form: OwnForm,
  about: {title: string; parameters: ParametersSchema; interfaces: Interfaces; present: Answers},
): Promise<Answers> {
  const {askForm} = await import('./form/index.ts')
  session.listener.settle()
  return askForm({
    ...about,
    fields: answers => form.fields(answers),
    check: async answers => (await form.resolve(answers)).errors,
    paint: session.err().paint,
    dumb: isDumb(session.env),
    signal: session.interrupts.signal,
  })
}

/** Asks on the terminal, at first for some fields. What is wrong in given answers is asked again. */
export async function askAnswers(
  {lib, around, answers}: Chosen,
  session: Session,
  ask?: (field: FormField) => boolean,
): Promise<MergedAnswers> {
  const {askForm} = await import('./form/index.ts')
  const answered = await whileAsking(session, () =>
    askForm({
      ...formOf(lib, around, answers.answers),
      ...(ask !== undefined && {ask}),
      paint: session.err().paint,
      dumb: isDumb(session.env),
      signal: lib.signal,
    }),
  )
  return merged(answered)
}

/** What is asked; where a provider is to be installed first, what its package asks. */
function formOf(lib: Lib, around: Surroundings, present: Answers): Questions {
  const {ref, pkg} = around
  const {manifest, interfaces} = pkg
  return {
    parameters: manifest.parameters,
    interfaces,
    present,
    title: `${manifest.title ?? manifest.name} as ${ref.namespace}/${ref.name}`,
    fields: now => fieldsFor(lib, around, now),
    check: now => checkAnswers(lib, around, merged(now)),
    provider: async need => {
      const made = await newProvider(lib, around, need)
      return formOf(lib, made.around, made.answers.answers)
    },
  }
}
