import {
  createPrompt,
  isBackspaceKey,
  isEnterKey,
  isTabKey,
  makeTheme,
  useEffect,
  useKeypress,
  usePrefix,
  useState,
} from '@inquirer/core'
import type {TextQuestion} from './prompts.ts'

/** So long must nobody have typed before a text is checked: what is half written is seldom right. */
const pauseMillis = 250

/**
 * A line of text, which is checked while it is typed. The library's own `input` and `password` check at Enter only; the rest is as
 * there: Tab takes the default up to be changed, Backspace drops it.
 */
export const textPrompt = createPrompt<string, TextQuestion & {masked: boolean}>((config, done) => {
  const theme = makeTheme()
  const {style} = theme
  const [status, setStatus] = useState<'idle' | 'loading' | 'done'>('idle')
  const [offered, setOffered] = useState(config.default ?? '')
  const [value, setValue] = useState('')
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const prefix = usePrefix({status, theme})

  useKeypress(async (key, line) => {
    if (status !== 'idle') return
    if (isEnterKey(key)) {
      const answer = value === '' ? offered : value
      setStatus('loading')
      const wrong = await config.validate(answer)
      if (wrong === undefined) {
        setValue(answer)
        setStatus('done')
        return done(answer)
      }
      line.write(value) // readline has taken the line: it is given back, to be mended
      setProblem(wrong)
      setStatus('idle')
    } else if (value === '' && isBackspaceKey(key)) {
      setOffered('')
    } else if (value === '' && isTabKey(key)) {
      line.clearLine(0) // the tab itself
      line.write(offered)
      setOffered('')
      setValue(offered)
    } else {
      setValue(line.line)
      setProblem(undefined)
    }
  })
  useEffect(() => {
    if (value === '' || status !== 'idle') return
    let stale = false
    const check = async () => {
      const wrong = await config.validate(value)
      if (!stale) setProblem(wrong)
    }
    // what goes wrong with the check itself is told at Enter
    const timer = setTimeout(() => void check().catch(() => undefined), pauseMillis)
    return () => {
      stale = true
      clearTimeout(timer)
    }
  }, [value, status])

  const shown = config.masked ? '*'.repeat(value.length) : value
  const rest = status === 'done' ? style.answer(shown) : shown
  const byDefault = offered !== '' && value === '' ? [style.defaultAnswer(offered)] : []
  const line = [prefix, style.message(config.message, status), ...byDefault, rest].join(' ')
  return [line, problem === undefined ? '' : style.error(problem)]
})
