import {UserError} from '../lib/errors.ts'

export interface Confirmation {
  /** Asked as a yes-or-no question, e.g. `Uninstall shop/wiki?` */
  question: string
  /** The plan deletes, recreates, interrupts others or widens needs: without a terminal it runs only with `--yes`. */
  risky: boolean
  /** Why it is risky, for the refusal: `it deletes 2 volumes`. */
  because?: string
  /** The plan, for the error's details. */
  details: unknown
}

/**
 * Asks once, on a terminal. Without one, harmless plans run and risky ones are refused; `--yes` agrees to both.
 * @throws UserError `confirmation.required` when nobody can be asked, or the answer was no
 */
export async function confirm(
  {question, risky, because, details}: Confirmation,
  how: {yes: boolean; interactive: boolean; signal: AbortSignal},
): Promise<void> {
  if (how.yes) return
  if (!how.interactive) {
    if (!risky) return
    throw new UserError('confirmation.required', {
      message: `this wants a yes${because ? `: ${because}` : ''}, and there is no terminal to ask on`,
      details,
      hint: ['look at the plan with --dry-run', 'then run it again with --yes'],
    })
  }
  const {confirm: ask} = await import('./inquirer.ts')
  const agreed = await ask({message: question, default: !risky}, {output: process.stderr, signal: how.signal})
  if (!agreed) throw new UserError('confirmation.required', {message: 'you said no: nothing was changed', details})
}
