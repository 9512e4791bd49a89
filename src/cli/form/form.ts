import type {FieldError} from '../../lib/errors.ts'
import {
  type Answers,
  describeFieldError,
  type FormField,
  fromPointer,
  type Interfaces,
  invalidAnswers,
  type ParametersSchema,
} from '../../lib/params/index.ts'
import type {Paint} from '../../view/terminal.ts'
import {Draft} from './draft.ts'
import {editField, isWithin} from './edit-field.ts'
import {Back, type Prompts} from './prompts.ts'
import type {Asking, NewProviderNeed, Way} from './question.ts'
import {nameOf, summaryLines} from './summary.ts'

/** What a form asks about, and how it finds out what it must know. */
export interface Questions {
  parameters: ParametersSchema
  interfaces: Interfaces
  /** What is answered already: by flags, by a file, or by the app as it is. */
  present: Answers
  /** The fields for these answers: `formFields` of lib/params, with the cluster's choices. Called after every answer. */
  fields(answers: Answers): Promise<FormField[]>
  /** Every error of these answers: `resolveParameters(…).errors`. Called for every answer. */
  check(answers: Answers): Promise<FieldError[]>
  /** Said at the top. */
  title?: string
  /** What a package asks that is to be installed first. @throws UserError where it cannot be */
  provider?(need: NewProviderNeed): Promise<Questions>
}

/** How it asks. */
export interface FormRequest extends Questions {
  /** Which fields to ask about at first; all, if left out. Wrong ones are asked in any case. */
  ask?(field: FormField): boolean
  /** Ask for the advanced ones, too. They are offered at the end otherwise. */
  advanced?: boolean
  /** Within another form: going back leads out of it, and where there is nothing to ask, nothing is shown. */
  nested?: boolean
  paint: Paint
  columns: number
  prompts: Prompts
  signal: AbortSignal
}

/** Runs the form: questions in order, then the whole is checked, shown and agreed to. */
export async function runForm(request: FormRequest): Promise<Answers> {
  const {parameters, interfaces, check, present, prompts, paint, columns, signal, nested = false} = request
  const draft = new Draft(present, {parameters, interfaces, check})
  const askProvider: Asking['askProvider'] = async need => {
    const questions = await request.provider?.(need)
    if (questions === undefined) return need.provider.answers ?? {}
    return runForm({...questions, nested: true, prompts, paint, columns, signal})
  }
  const asking: Asking = {draft, prompts, paint, columns, askProvider}
  /** Fields that were asked, in order: going back asks the last one again. */
  const asked: string[] = []
  /** Wrong or chosen: asked although advanced, or not to be asked at first. */
  const wanted = new Set<string>()
  let advanced = request.advanced === true
  let heading = ''

  if (request.title !== undefined) prompts.say(paint.bold(request.title))
  if (!nested) prompts.say(paint.dim('Enter takes what is offered, < or Esc goes back, Ctrl-C leaves.'))
  do await askAll()
  while ((await findErrors()) || !((nested && asked.length === 0) || (await isAgreed())))
  return draft.answers

  async function askAll(): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const fields = await request.fields(draft.answers)
      const field = fields.find(candidate => isWanted(candidate) && !asked.includes(candidate.field))
      if (field === undefined) return
      sayHeading(field, fields)
      if (await draft.attempt(() => editField(asking, field, fromPointer(field.field)))) asked.push(field.field)
      else goBack()
    }
  }

  function isWanted(field: FormField): boolean {
    if (!isQuestion(field)) return false
    return wanted.has(field.field) || ((advanced || !field.advanced) && (request.ask?.(field) ?? true))
  }

  function goBack(): void {
    if (asked.pop() !== undefined) return
    if (nested) throw new Back()
    prompts.say(paint.dim('This is the first question.'))
  }

  function askAgain(field: string): void {
    wanted.add(field)
    if (asked.includes(field)) asked.splice(asked.indexOf(field), 1)
  }

  function sayHeading(field: FormField, fields: readonly FormField[]): void {
    const groups = fields.filter(group => isWithin(field, group))
    const {group} = groups[0] ?? field
    const words = [...(group === undefined ? [] : [group]), ...groups.map(({title}) => title)].join(' › ')
    if (words !== heading && words !== '') prompts.say(`\n${paint.bold(words)}`)
    heading = words
  }

  /** Tells what is wrong with the whole, and has it asked again. */
  async function findErrors(): Promise<boolean> {
    const errors = await draft.errors()
    const fields = errors.length > 0 ? await request.fields(draft.answers) : []
    const unanswerable: FieldError[] = []
    for (const error of errors) prompts.say(paint.red(`> ${describeFieldError(error)}`))
    for (const error of errors) {
      const field = questionOf(error, fields)
      if (field !== undefined) askAgain(field.field)
      else if (error.code !== 'unknown' || !(await removeUnknown(error))) unanswerable.push(error)
    }
    if (unanswerable.length > 0) throw invalidAnswers(unanswerable)
    return errors.length > 0
  }

  async function removeUnknown(error: FieldError): Promise<boolean> {
    const path = fromPointer(error.field)
    await draft.attempt(async () => {
      if (await prompts.yesNo({message: `Remove the answer ${path.join('.')}?`, default: false}))
        draft.put(path, undefined)
    })
    return draft.at(path) === undefined
  }

  /** Shows everything; what is to be changed is asked again. */
  async function isAgreed(): Promise<boolean> {
    const fields = await request.fields(draft.answers)
    const hidden = fields.filter(field => field.active && field.advanced && !advanced)
    const used = fields.filter(
      field => !hidden.includes(field) || wanted.has(field.field) || draft.at(fromPointer(field.field)) !== undefined,
    )
    prompts.say(`\n${paint.bold('Summary')}`)
    for (const line of summaryLines(used, asking)) prompts.say(line)
    let agreed = false
    const options: Way[] = [
      {title: 'yes, go on', value: () => (agreed = true)},
      {title: 'change an answer', value: () => chooseField(fields)},
      ...(hidden.length > 0
        ? [{title: `ask the advanced ones, too (${hidden.length})`, value: () => (advanced = true)}]
        : []),
    ]
    const chosen = await draft.attempt(async () => {
      await draft.attempt(await prompts.choose({message: 'Everything as it should be?', options, default: 0}))
    })
    if (!chosen) goBack()
    return agreed
  }

  async function chooseField(fields: readonly FormField[]): Promise<void> {
    const options = fields.filter(isQuestion).map(field => ({value: field.field, title: nameOf(field, fields)}))
    askAgain(await prompts.choose({message: 'Which one?', options, default: 0}))
  }
}

/** A group that must be there is a heading only. */
const isQuestion = ({active, widget, required}: FormField): boolean => active && !(widget === 'group' && required)

/** The innermost question that an error is about. */
function questionOf(error: FieldError, fields: readonly FormField[]): FormField | undefined {
  const below = (field: FormField) => error.field.startsWith(`${field.field}/`)
  if (error.code === 'unknown' && !fields.some(field => field.widget !== 'group' && below(field))) return undefined
  return fields.filter(field => isQuestion(field) && (error.field === field.field || below(field))).at(-1)
}
