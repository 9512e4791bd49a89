import type {FieldError} from '../../lib/errors.ts'
import {
  type Answers,
  builtinInterfaces,
  describeFieldError,
  type FormField,
  fromPointer,
  type InterfaceSchema,
  invalidAnswers,
  type ParametersSchema,
} from '../../lib/params/index.ts'
import {askField} from './ask-field.ts'
import type {Asking, FormPaint} from './asking.ts'
import {answerAt, put} from './draft.ts'
import {BACK, type Prompts} from './prompts.ts'
import {nameOf, summaryLines} from './summary.ts'

/** What a form asks about, and how it finds out what it must know. */
export interface FormRequest {
  parameters: ParametersSchema
  interfaces?: Readonly<Record<string, InterfaceSchema>>
  /** What is answered already: by flags, by a file, or by the app as it is. */
  present: Answers
  /** The fields for these answers: `formFields` of lib/params, with the cluster's choices. Called after every answer. */
  fields(answers: Answers): Promise<FormField[]>
  /** Every error of these answers: `resolveParameters(…).errors`. Called for every answer. */
  check(answers: Answers): Promise<FieldError[]>
  /** Which fields to ask about at first; all, if left out. Wrong ones are asked in any case. */
  ask?(field: FormField): boolean
  /** Ask for the advanced ones, too. They are offered at the end otherwise. */
  advanced?: boolean
  /** Said at the top. */
  title?: string
  paint: FormPaint
  columns: number
  prompts: Prompts
  signal: AbortSignal
}

/** Runs the form: questions in order, then the whole is checked, shown and agreed to. */
export async function runForm(request: FormRequest): Promise<Answers> {
  const {parameters, interfaces = builtinInterfaces, check, prompts, paint, columns, signal} = request
  const asking: Asking = {parameters, interfaces, check, prompts, paint, columns}
  const done = new Set<string>()
  /** Wrong or chosen: asked although advanced, or not to be asked at first. */
  const wanted = new Set<string>()
  const history: string[] = []
  let answers = request.present
  let advanced = request.advanced === true
  let heading = ''

  if (request.title !== undefined) prompts.say(paint.bold(request.title))
  prompts.say(paint.dim('Enter takes what is offered, < or Esc goes back, Ctrl-C leaves.'))
  for (;;) {
    await askAll()
    if (await findErrors()) continue
    const next = await review()
    if (next === 'go on') return answers
  }

  async function askAll(): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      const fields = await request.fields(answers)
      const field = fields.find(candidate => isQuestion(candidate) && !done.has(candidate.field))
      if (field === undefined) return
      sayHeading(field, fields)
      const next = await askField(asking, field, fromPointer(field.field), answers)
      if (next === BACK) goBack()
      else {
        answers = next
        done.add(field.field)
        history.push(field.field)
      }
    }
  }

  function isQuestion(field: FormField): boolean {
    if (!field.active) return false
    if (field.widget === 'group' && field.required) return false
    if (wanted.has(field.field)) return true
    return (advanced || !field.advanced) && (request.ask?.(field) ?? true)
  }

  function goBack(): void {
    const last = history.pop()
    if (last === undefined) prompts.say(paint.dim('This is the first question.'))
    else done.delete(last)
  }

  function sayHeading(field: FormField, fields: readonly FormField[]): void {
    const groups = fields.filter(group => group.widget === 'group' && field.field.startsWith(`${group.field}/`))
    const words = [...(field.group === undefined ? [] : [field.group]), ...groups.map(({title}) => title)].join(' › ')
    if (words !== heading && words !== '') prompts.say(`\n${paint.bold(words)}`)
    heading = words
  }

  /** Tells what is wrong with the whole, and has it asked again. */
  async function findErrors(): Promise<boolean> {
    const errors = await check(answers)
    if (errors.length === 0) return false
    const fields = await request.fields(answers)
    const unanswerable: FieldError[] = []
    for (const error of errors) prompts.say(paint.red(`> ${describeFieldError(error)}`))
    for (const error of errors) {
      const field = fieldOf(error, fields)
      if (field !== undefined) {
        done.delete(field.field)
        wanted.add(field.field)
      } else if (error.code !== 'unknown' || !(await removeUnknown(error))) unanswerable.push(error)
    }
    if (unanswerable.length > 0) throw invalidAnswers(unanswerable)
    return true
  }

  async function removeUnknown(error: FieldError): Promise<boolean> {
    const path = fromPointer(error.field)
    const agreed = await prompts.yesNo({message: `Remove the answer ${path.join('.')}?`, default: false})
    if (agreed === true) answers = put(asking, answers, path, undefined)
    return agreed === true && answerAt(answers, path) === undefined
  }

  async function review(): Promise<'go on' | 'ask'> {
    const fields = await request.fields(answers)
    const hidden = fields.filter(field => field.active && field.advanced && !advanced)
    prompts.say(`\n${paint.bold('Summary')}`)
    for (const line of summaryLines(
      fields.filter(
        field =>
          advanced ||
          !field.advanced ||
          wanted.has(field.field) ||
          answerAt(answers, fromPointer(field.field)) !== undefined,
      ),
      answers,
      asking,
    ))
      prompts.say(line)
    const step = await prompts.choose({
      message: 'Everything as it should be?',
      options: [
        {value: 'go on' as const, title: 'yes, go on'},
        {value: 'change' as const, title: 'change an answer'},
        ...(hidden.length > 0
          ? [{value: 'advanced' as const, title: `ask the advanced ones, too (${hidden.length})`}]
          : []),
      ],
      default: 0,
    })
    if (step === BACK) goBack()
    else if (step === 'go on') return 'go on'
    else if (step === 'advanced') advanced = true
    else await chooseField(fields)
    return 'ask'
  }

  async function chooseField(fields: readonly FormField[]): Promise<void> {
    const options = fields
      .filter(field => field.active && !(field.widget === 'group' && field.required))
      .map(field => ({value: field.field, title: nameOf(field, fields)}))
    const chosen = await prompts.choose({message: 'Which one?', options, default: 0})
    if (chosen === BACK) return
    done.delete(chosen)
    wanted.add(chosen)
  }
}

/** The innermost question that an error is about. */
function fieldOf(error: FieldError, fields: readonly FormField[]): FormField | undefined {
  if (
    error.code === 'unknown' &&
    !fields.some(field => field.widget !== 'group' && error.field.startsWith(`${field.field}/`))
  ) {
    return undefined
  }
  return fields
    .filter(({active, field, widget, required}) => {
      const asked = active && !(widget === 'group' && required)
      return asked && (error.field === field || error.field.startsWith(`${field}/`))
    })
    .at(-1)
}
