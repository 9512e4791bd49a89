/**
 * Schedules as Kubernetes reads them: robfig/cron's ParseStandard. Its oddities (`+5`, `*-3`, empty items of a list) and time zones,
 * which the API server refuses, are not read.
 */
export type Cron = {minute: Field; hour: Field; day: Field; month: Field; weekday: Field} | {everySeconds: number}

interface Field {
  values: ReadonlySet<number>
  /** Said by `*` or `?` without a step: then days of the month and of the week have both to fit, otherwise one of them. */
  any: boolean
}

interface FieldRule {
  name: string
  least: number
  most: number
  /** What values may be called, from the least on. */
  words: string
}

const fields: readonly FieldRule[] = [
  {name: 'minute', least: 0, most: 59, words: ''},
  {name: 'hour', least: 0, most: 23, words: ''},
  {name: 'day of the month', least: 1, most: 31, words: ''},
  {name: 'month', least: 1, most: 12, words: 'jan feb mar apr may jun jul aug sep oct nov dec'},
  {name: 'day of the week', least: 0, most: 6, words: 'sun mon tue wed thu fri sat'},
]

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** Reads a schedule; the problem names the field. */
export function parseCron(text: string): {cron: Cron} | {problem: string} {
  const trimmed = text.trim()
  if (trimmed.length > 1000) return {problem: 'is longer than any schedule'}
  if (trimmed.startsWith('@every ')) return parseEvery(trimmed.slice('@every '.length))
  if (trimmed.startsWith('@') && !Object.hasOwn(nicknames, trimmed)) {
    return {problem: `must be ${Object.keys(nicknames).join(', ')} or @every 1h30m where it begins with @`}
  }
  const parts = (nicknames[trimmed] ?? trimmed).split(/\s+/)
  if (parts.length !== fields.length) {
    return {problem: 'must have five fields: minute, hour, day of the month, month, day of the week'}
  }
  const read: Field[] = []
  for (const [i, field] of fields.entries()) {
    const parsed = parseField(String(parts[i]), field)
    if (typeof parsed === 'string') return {problem: `has a wrong ${field.name}: ${parsed}`}
    read.push(parsed)
  }
  const [minute, hour, day, month, weekday] = read as [Field, Field, Field, Field, Field]
  return {cron: {minute, hour, day, month, weekday}}
}

function parseEvery(length: string): {cron: Cron} | {problem: string} {
  const match = /^(?=.)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(length.trim())
  const [hours = 0, minutes = 0, seconds = 0] = (match ?? []).slice(1).map(part => Number(part ?? 0))
  const everySeconds = hours * 3600 + minutes * 60 + seconds
  return everySeconds > 0 ? {cron: {everySeconds}} : {problem: 'must say a length of time after @every, such as 1h30m'}
}

function parseField(text: string, rule: FieldRule): Field | string {
  const {least, most, words} = rule
  const values = new Set<number>()
  let any = false
  for (const item of text.split(',')) {
    const match = /^(?:([*?])|(\w+)(?:-(\w+))?)(?:\/(\d{1,6}))?$/.exec(item)
    if (match === null) return `${quote(item)} is not a number, a range such as 1-5, or a step such as */5`
    const [, wild, from = '', to, steps] = match
    const step = Number(steps ?? 1)
    const first = wild === undefined ? readValue(from, rule) : least
    const last = to !== undefined ? readValue(to, rule) : wild !== undefined || steps !== undefined ? most : first
    if (!(first >= least && last <= most)) {
      return `${quote(item)} is not within ${least} and ${most}${words === '' ? '' : `, nor one of ${words}`}`
    }
    if (first > last) return `${quote(item)} ends before it begins`
    if (step === 0) return `${quote(item)} never steps on`
    any ||= wild !== undefined && step === 1
    for (let value = first; value <= last; value += step) values.add(value)
  }
  return {values, any}
}

/** NaN for what is neither a number nor a word. */
function readValue(text: string, {words, least}: FieldRule): number {
  const place = words.split(' ').indexOf(text.toLowerCase())
  if (place !== -1) return place + least
  return /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
}

/** How far 29 February can be away: around 2100, eight years. */
const mostDays = 9 * 366
const dayMillis = 86_400_000

/** When a schedule is due next, in UTC, as a CronJob is without a `timeZone`; undefined for what never is, such as 31 February. */
export function nextRun(cron: Cron, after: Date): Date | undefined {
  const second = Math.floor(after.getTime() / 1000)
  if ('everySeconds' in cron) return new Date((second + cron.everySeconds) * 1000)
  const start = (Math.floor(second / 60) + 1) * 60_000
  const midnight = Math.floor(start / dayMillis) * dayMillis
  const minutes = [...cron.hour.values]
    .flatMap(hour => [...cron.minute.values].map(minute => hour * 60 + minute))
    .sort((a, b) => a - b)
  for (let day = 0; day < mostDays; day++) {
    const date = midnight + day * dayMillis
    if (!isDue(cron, new Date(date))) continue
    const next = minutes.map(minute => date + minute * 60_000).find(time => time >= start)
    if (next !== undefined) return new Date(next)
  }
  return undefined
}

function isDue({day, month, weekday}: Exclude<Cron, {everySeconds: number}>, date: Date): boolean {
  const fits = [day.values.has(date.getUTCDate()), weekday.values.has(date.getUTCDay())]
  const both = day.any || weekday.any
  return month.values.has(date.getUTCMonth() + 1) && (both ? fits.every(Boolean) : fits.some(Boolean))
}
