import {UserError} from '../../lib/errors.ts'
import {harmless, visible} from '../../view/words.ts'

/**
 * The four ways to ask. Two implementations: with a cursor (`cursor-prompts.ts`), and line by line for terminals that have none
 * (`line-prompts.ts`). Each leaves the terminal as it was, and throws {@link Back} where the person goes back, UserError
 * `operation.interrupted` on Ctrl-C and Ctrl-D.
 */
export interface Prompts {
  text(question: TextQuestion): Promise<string>
  /** Does not echo. */
  secret(question: TextQuestion): Promise<string>
  choose<T>(question: ChoiceQuestion<T>): Promise<T>
  yesNo(question: {message: string; default: boolean}): Promise<boolean>
  /** Writes lines between the questions. */
  say(text: string): void
}

export interface TextQuestion {
  message: string
  /** Taken with Enter. */
  default?: string
  /** What is wrong with a text, to be shown until it is right. Called while it is typed: it changes nothing. */
  validate(text: string): Promise<string | undefined>
}

export interface ChoiceQuestion<T> {
  message: string
  options: readonly Option<T>[]
  /** Index of the option that Enter takes. */
  default: number
}

export interface Option<T> {
  value: T
  title: string
  help?: string
}

/** Where the questions are asked. */
export interface PromptStreams {
  input: NodeJS.ReadStream
  output: NodeJS.WriteStream
  signal: AbortSignal
}

/** Thrown out of an editor, from however deep in it: the answers are as before, and the question before is asked again. */
export class Back extends Error {}

/** Ctrl-C in a form: nothing has been changed yet, so that is all there is to say. */
export function interrupted(): UserError {
  return new UserError('operation.interrupted', {message: 'interrupted: nothing was changed'})
}

/** The same, with nothing in what a package or an answer says that could move the cursor. */
export function showingHarmless(prompts: Prompts): Prompts {
  const line =
    (ask: (question: TextQuestion) => Promise<string>) =>
    async ({message, default: byDefault, validate}: TextQuestion) => {
      const shown = byDefault === undefined ? undefined : visible(byDefault)
      const meant = (typed: string) => (byDefault !== undefined && typed === shown ? byDefault : typed)
      const check = async (typed: string) => {
        const wrong = await validate(meant(typed))
        return wrong === undefined ? undefined : harmless(wrong)
      }
      const offered = shown === undefined ? {} : {default: shown}
      return meant(await ask({message: harmless(message), validate: check, ...offered}))
    }
  return {
    text: line(prompts.text),
    secret: line(prompts.secret),
    choose: ({message, options, ...rest}) => {
      const shown = options.map(({title, help, value}) => ({
        value,
        title: harmless(title),
        ...(help !== undefined && {help: harmless(help)}),
      }))
      return prompts.choose({...rest, message: harmless(message), options: shown})
    },
    yesNo: question => prompts.yesNo({...question, message: harmless(question.message)}),
    say: text => prompts.say(harmless(text)),
  }
}
