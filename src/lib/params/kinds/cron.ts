import {nextRun, parseCron} from '../../formats/index.ts'
import {textKind} from './text.ts'

/** When something runs again and again, as a CronJob takes it. */
export const cron = textKind(
  'cron',
  {pattern: '\\S', example: '0 3 * * *', words: 'a schedule', maxLength: 200},
  {
    parse(text) {
      const read = parseCron(text)
      if ('problem' in read) return read
      return nextRun(read.cron, new Date()) === undefined ? {problem: 'is never due'} : {answer: text}
    },
  },
)
