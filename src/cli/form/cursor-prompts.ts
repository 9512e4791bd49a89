import type {Key} from 'node:readline'
import {interrupted} from './interrupted.ts'
import {BACK, type Option, type PromptStreams, type Prompts} from './prompts.ts'

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
  const inquirer = await import('../inquirer.ts')
  return {
    async text({message, default: byDefault, validate}) {
      const config = {message, validate: checked(validate), ...(byDefault === undefined ? {} : {default: byDefault})}
      return backIfAngle(await asked(context => inquirer.input(config, context), false))
    },
    async secret({message, validate}) {
      const config = {message, mask: '*', toggleMask: false, validate: checked(validate)}
      return backIfAngle(await asked(context => inquirer.password(config, context), false))
    },
    async choose({message, options, default: byDefault}) {
      const choices = options.map((option, index) => toChoice(option, index, output.columns || 80))
      const at =
        options.length < filterFrom
          ? await asked(context => inquirer.select({message, choices, default: byDefault, loop: false}, context), true)
          : await asked(
              context => inquirer.search({message, default: byDefault, source: filter(choices)}, context),
              true,
            )
      return at === BACK ? BACK : (options[at] as (typeof options)[number]).value
    },
    yesNo: ({message, default: byDefault}) =>
      asked(context => inquirer.confirm({message, default: byDefault}, context), true),
    say: text => void output.write(`${text}\n`),
  }

  /** Runs one prompt and listens beside it: the library has keys for neither going back nor Ctrl-D. */
  async function asked<T>(run: (context: PromptContext) => Promise<T>, angleAtOnce: boolean): Promise<T | typeof BACK> {
    signal.throwIfAborted()
    const own = new AbortController()
    const onKey = (text: string | undefined, key: Key) => {
      if (key.name === 'escape' || (angleAtOnce && text === '<')) own.abort(BACK)
      // readline closes at Ctrl-D on an empty line, and the prompt would wait for ever
      if (key.ctrl === true && key.name === 'd') own.abort(interrupted())
    }
    const onEnd = () => own.abort(interrupted())
    input.on('keypress', onKey)
    input.once('end', onEnd)
    try {
      return await run({input, output, signal: AbortSignal.any([signal, own.signal])})
    } catch (error) {
      if (own.signal.reason === BACK) return BACK
      if (own.signal.aborted) throw own.signal.reason
      if (signal.aborted) throw signal.reason
      // by name: the class is of a package that we do not depend on ourselves
      if (error instanceof Error && error.name === 'ExitPromptError') throw interrupted()
      throw error
    } finally {
      input.off('keypress', onKey)
      input.off('end', onEnd)
    }
  }
}

function checked(validate: (text: string) => Promise<string | undefined>) {
  return async (text: string) => (text === '<' ? true : ((await validate(text)) ?? true))
}

function backIfAngle(text: string | typeof BACK): string | typeof BACK {
  return text === '<' ? BACK : text
}

interface CursorChoice {
  value: number
  name: string
  description?: string
}

function toChoice({title, help}: Option<unknown>, value: number, columns: number): CursorChoice {
  const width = Math.max(20, columns - 4)
  const name = title.length > width ? `${title.slice(0, width - 1)}…` : title
  return {value, name, ...(help === undefined ? {} : {description: help})}
}

function filter(choices: readonly CursorChoice[]) {
  return (term: string | undefined) => {
    const words = (term ?? '').toLowerCase().split(/\s+/)
    return choices.filter(({name}) => words.every(word => name.toLowerCase().includes(word)))
  }
}
