import type {Answers, FormField, NewProvider} from '../../lib/params/index.ts'
import type {Paint} from '../../view/terminal.ts'
import type {AnswerPath, Change, Draft} from './draft.ts'
import type {Option, Prompts} from './prompts.ts'

/** What a form asks with. */
export interface Asking {
  draft: Draft
  prompts: Prompts
  paint: Paint
  /** Width of the terminal. */
  columns: number
  /** Asks for the answers to a package that is installed first. @throws Back, and UserError where it cannot be installed */
  askProvider(need: NewProviderNeed): Promise<Answers>
}

/** A provider to install for a parameter. */
export interface NewProviderNeed {
  parameter: string
  interface: string
  provider: NewProvider
}

/** One field, and where its answer goes. */
export interface Question extends Asking {
  field: FormField
  path: AnswerPath
  /** Asks the fields that an entry, or something said outright, is made of. */
  editParts(fields: readonly FormField[], path: AnswerPath): Promise<void>
}

/** Asks for one answer and puts it into the draft, where it fits the field. @throws Back */
export type Editor = (question: Question) => Promise<void>

/** The words of a question: the field's title, and whether it may be left without an answer. */
export function messageOf({field}: Question): string {
  const filled = field.default !== undefined || (field.secret && field.constraints.generate !== false)
  return field.required || filled ? field.title : `${field.title} (optional)`
}

/** Asks until what is answered can be taken; says each time why it cannot. */
export async function askUntilTaken<T>(
  {prompts, paint}: Asking,
  ask: () => Promise<T>,
  take: (answer: T) => Promise<string | undefined>,
): Promise<void> {
  for (;;) {
    const problem = await take(await ask())
    if (problem === undefined) return
    prompts.say(paint.red(`> ${problem}`))
  }
}

/** Asks for a line and makes of it the answer at the question's path. It is checked while it is typed. */
export async function askLine(
  {path, draft, prompts}: Question,
  line: {message: string; default?: string; secret?: boolean},
  read: (typed: string) => Change,
): Promise<void> {
  const ask = line.secret === true ? prompts.secret : prompts.text
  const typed = await ask({...line, validate: text => draft.problemWith(path, read(text))})
  draft.apply(path, read(typed))
}

/** A way to an answer, and what going it takes. */
export type Way = Option<() => unknown>

/** Has a way chosen and goes it. Going back on it leads to the choice again. */
export async function askForWay(question: Question, options: readonly Way[]): Promise<void> {
  const {draft, prompts} = question
  for (;;) {
    const go = await prompts.choose({message: messageOf(question), options, default: 0})
    if (await draft.attempt(go)) return
  }
}

export const isSame = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)
