/** The answer that means: back to the question before. */
export const BACK: unique symbol = Symbol('back')

export interface TextQuestion {
  message: string
  /** Taken with Enter. */
  default?: string
  /** What is wrong with a text, to be shown until it is right. */
  validate(text: string): Promise<string | undefined>
}

export interface Option<T> {
  value: T
  title: string
  help?: string
}

export interface ChoiceQuestion<T> {
  message: string
  options: readonly Option<T>[]
  /** Index of the option that Enter takes. */
  default: number
}

export interface YesNoQuestion {
  message: string
  default: boolean
}

/**
 * The four ways to ask. Two implementations: with a cursor (`cursor-prompts.ts`), and line by line for terminals that have none
 * (`line-prompts.ts`). Each throws UserError `operation.interrupted` on Ctrl-C and Ctrl-D, with the terminal as it was.
 */
export interface Prompts {
  text(question: TextQuestion): Promise<string | typeof BACK>
  /** Does not echo. */
  secret(question: TextQuestion): Promise<string | typeof BACK>
  choose<T>(question: ChoiceQuestion<T>): Promise<T | typeof BACK>
  yesNo(question: YesNoQuestion): Promise<boolean | typeof BACK>
  /** Writes lines between the questions. */
  say(text: string): void
}

/** Where the questions are asked. */
export interface PromptStreams {
  input: NodeJS.ReadStream
  output: NodeJS.WriteStream
  signal: AbortSignal
}
