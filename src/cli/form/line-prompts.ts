import {createInterface} from 'node:readline'
import {Writable} from 'node:stream'
import {Back, interrupted, type PromptStreams, type Prompts, type TextQuestion} from './prompts.ts'

/**
 * Questions for terminals without a cursor (TERM=dumb: an editor's shell, a serial line, a screen reader): one line each, options by
 * number, nothing drawn over. `<` goes back.
 */
export function createLinePrompts({input, output, signal}: PromptStreams): Prompts {
  const say = (text: string) => void output.write(`${text}\n`)
  return {
    text: question => askText(question, true),
    secret: question => askText(question, false),
    async choose({message, options, default: byDefault}) {
      say(message)
      options.forEach(({title, help}, index) => {
        say(`  ${index + 1}) ${title}${help === undefined ? '' : ` - ${help}`}`)
      })
      for (;;) {
        const typed = await readLine(`Number (${byDefault + 1}): `, true)
        const chosen = options[typed === '' ? byDefault : Number(typed) - 1]
        if (chosen !== undefined) return chosen.value
        say(`> must be a number from 1 to ${options.length}`)
      }
    },
    async yesNo({message, default: byDefault}) {
      for (;;) {
        const typed = (await readLine(`${message} (${byDefault ? 'Y/n' : 'y/N'}): `, true)).toLowerCase()
        if (typed === '') return byDefault
        if ('yes'.startsWith(typed)) return true
        if ('no'.startsWith(typed)) return false
        say('> must be yes or no')
      }
    },
    say,
  }

  async function askText({message, default: byDefault, validate}: TextQuestion, echo: boolean): Promise<string> {
    const hint = byDefault === undefined ? '' : ` (${byDefault})`
    for (;;) {
      const typed = await readLine(`${message}${hint}: `, echo)
      const text = typed === '' ? (byDefault ?? '') : typed
      const problem = await validate(text)
      if (problem === undefined) return text
      say(`> ${problem}`)
    }
  }

  async function readLine(prompt: string, echo: boolean): Promise<string> {
    signal.throwIfAborted()
    const {promise, resolve, reject} = Promise.withResolvers<string>()
    const silent = new Writable({write: (_chunk, _encoding, done) => done()})
    // with `terminal` readline reads key by key and writes the echo itself: to nowhere, for a secret
    const lines = createInterface({input, output: echo ? output : silent, terminal: !echo})
    const onAbort = () => reject(signal.reason)
    const onSigint = () => reject(interrupted())
    signal.addEventListener('abort', onAbort, {once: true})
    // without `terminal` Ctrl-C arrives as the signal itself
    process.once('SIGINT', onSigint)
    lines.once('SIGINT', onSigint).once('close', onSigint).once('line', resolve)
    output.write(prompt)
    try {
      const line = await promise
      if (line === '<') throw new Back()
      return line
    } finally {
      signal.removeEventListener('abort', onAbort)
      process.off('SIGINT', onSigint)
      lines.close()
      if (!echo) output.write('\n')
    }
  }
}
