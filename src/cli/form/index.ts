import type {Answers} from '../../lib/params/index.ts'
import {createCursorPrompts} from './cursor-prompts.ts'
import {type FormRequest, runForm} from './form.ts'
import {createLinePrompts} from './line-prompts.ts'
import {type PromptStreams, type Prompts, showingHarmless} from './prompts.ts'

export type {FormRequest, Questions} from './form.ts'
export {Back} from './prompts.ts'

/** What a command gives: everything but the way to ask. */
export type AskFormRequest = Omit<FormRequest, 'prompts' | 'signal' | 'columns'> & {
  signal: AbortSignal
  /** Both must be terminals: the caller has made sure. Standard input and standard error, if left out. */
  input?: NodeJS.ReadStream
  output?: NodeJS.WriteStream
  /** A terminal without a cursor is asked line by line. */
  dumb?: boolean
}

/**
 * Asks a person for the answers of a package, on standard error. The result is valid: `check` found nothing.
 * @throws UserError `operation.interrupted` on Ctrl-C or Ctrl-D; the terminal is as it was
 * @throws UserError `params.invalid` where something is wrong that no question of the form can mend
 */
export async function askForm(request: AskFormRequest): Promise<Answers> {
  const {input = process.stdin, output = process.stderr, dumb = false, signal} = request
  const prompts = await openPrompts({input, output, signal}, dumb)
  return runForm({...request, prompts, columns: output.columns || 80})
}

/** The way to ask that the terminal can show. */
export async function openPrompts(streams: PromptStreams, dumb: boolean): Promise<Prompts> {
  return showingHarmless(dumb ? createLinePrompts(streams) : await createCursorPrompts(streams))
}
