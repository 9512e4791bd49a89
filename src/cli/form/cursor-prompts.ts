import type {Key} from 'node:readline'
import {cut} from '../../view/table.ts'
import {Back, interrupted, type Option, type PromptStreams, type Prompts, type TextQuestion} from './prompts.ts'

/** More options than this are filtered while typing. */
const filterFrom = 9

/** What inquirer gets besides a question. */
interface PromptContext {
  input: NodeJS.ReadStream
  output: NodeJS.WriteStream
  signal: AbortSignal
}

/**
 * Questions on a terminal with a cursor, by `@inquirer/prompts`, which is loaded here and not before. Esc goes back everywhere; so does
 * `<`, at once where nothing can be typed, else with Enter.
 */
export async function createCursorPrompts({input, output, signal}: PromptStreams): Promise<Prompts> {
  const inquirer = await import('./inquirer.ts')
  return {
    text: question => askText(question, false),
    secret: question => askText(question, true),
    choose: async ({message, options, default: byDefault}) => {
      const choices = options.map((option, index) => toChoice(option, index, output.columns || 80))
      const few = options.length < filterFrom
      const at = await asked(
        context =>
          few
            ? inquirer.select({message, choices, default: byDefault, loop: false}, context)
            : inquirer.search({message, default: byDefault, source: filter(choices)}, context),
        true,
      )
      return (options[at] as (typeof options)[number]).value
    },
    yesNo: ({message, default: byDefault}) =>
      asked(context => inquirer.confirm({message, default: byDefault}, context), true),
    say: text => void output.write(`${text}\n`),
  }

  async function askText(question: TextQuestion, masked: boolean): Promise<string> {
    const validate = async (text: string) => (text === '<' ? undefined : question.validate(text))
    const text = await asked(context => inquirer.textPrompt({...question, masked, validate}, context), false)
    if (text === '<') throw new Back()
    return text
  }

  /** Runs one prompt and listens beside it: the library has keys for neither going back nor Ctrl-D. */
  async function asked<T>(run: (context: PromptContext) => Promise<T>, angleAtOnce: boolean): Promise<T> {
    signal.throwIfAborted()
    const own = new AbortController()
    const onKey = (text: string | undefined, key: Key) => {
      if (key.name === 'escape' || (angleAtOnce && text === '<')) own.abort(new Back())
      // readline closes at Ctrl-D on an empty line, and the prompt would wait for ever
      if (key.ctrl === true && key.name === 'd') own.abort(interrupted())
    }
    const onEnd = () => own.abort(interrupted())
    input.on('keypress', onKey)
    input.once('end', onEnd)
    try {
      return await run({input, output, signal: AbortSignal.any([signal, own.signal])})
    } catch (error) {
      own.signal.throwIfAborted()
      signal.throwIfAborted()
      // by name: the class is of a package that we do not depend on ourselves
      if (error instanceof Error && error.name === 'ExitPromptError') throw interrupted()
      throw error
    } finally {
      input.off('keypress', onKey)
      input.off('end', onEnd)
    }
  }
}

function toChoice({title, help}: Option<unknown>, value: number, columns: number) {
  const name = cut(title, Math.max(20, columns - 4))
  return {value, name, ...(help === undefined ? {} : {description: help})}
}

function filter<Choice extends {name: string}>(choices: readonly Choice[]) {
  return (term: string | undefined) => {
    const words = (term ?? '').toLowerCase().split(/\s+/)
    return choices.filter(({name}) => words.every(word => name.toLowerCase().includes(word)))
  }
}
