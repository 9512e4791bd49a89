import {UserError} from '../lib/errors.ts'

export interface Confirmation {
  /** Asked as a yes-or-no question, e.g. `Uninstall shop/wiki?` */
  question: string
  /** Why the plan is risky: it deletes, recreates, interrupts others or widens needs. Undefined where it is not. */
  because: string | undefined
  /** The plan, for the error's details. */
  details: unknown
}

/**
 * Asks once, on a terminal. Without one, harmless plans run and risky ones are refused; `--yes` agrees to both.
 * @throws UserError `confirmation.required` when nobody can be asked, or the answer was no
 */
export async function confirm(
  {question, because, details}: Confirmation,
  how: {yes: boolean; interactive: boolean; dumb: boolean; signal: AbortSignal},
): Promise<void> {
  if (how.yes) return
  if (how.interactive) {
    if (await isAgreed(question, because === undefined, how)) return
    throw new UserError('confirmation.required', {message: 'you said no: nothing was changed', details})
  } else if (because !== undefined) {
    throw new UserError('confirmation.required', {
      message: `this wants a yes: ${because}, and there is no terminal to ask on`,
      details,
      hint: ['look at the plan with --dry-run', 'then run it again with --yes'],
    })
  }
}

async function isAgreed(
  message: string,
  byDefault: boolean,
  {dumb, signal}: {dumb: boolean; signal: AbortSignal},
): Promise<boolean> {
  const {openPrompts, Back} = await import('./form/index.ts')
  const prompts = await openPrompts({input: process.stdin, output: process.stderr, signal}, dumb)
  try {
    return await prompts.yesNo({message, default: byDefault})
  } catch (error) {
    if (error instanceof Back) return false
    throw error
  }
}
