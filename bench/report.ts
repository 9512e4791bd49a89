import type {Compared, Cost} from './measure.ts'

export interface Row extends Compared {
  what: string
  /** Wall time: as a part of helm's, or in milliseconds where helm has no such work. */
  bar: number
}

const millis = (value: number) => `${value.toFixed(0)} ms`
const megabytes = (value: number) => `${(value / 1e6).toFixed(0)} MB`
const times = (value: number) => `${value.toFixed(2)}×`

/** The numbers, and a line for each bar. */
export function report(rows: Row[]): string {
  const cells = rows.map(({what, berth, helm}) => {
    const ratio = (of: keyof Cost) => (helm === undefined ? '' : times(berth[of] / helm[of]))
    const both = (of: keyof Cost, write: (value: number) => string) =>
      helm === undefined ? write(berth[of]) : `${write(berth[of])} / ${write(helm[of])}`
    return [
      what,
      millis(berth.wallMillis),
      helm === undefined ? '' : millis(helm.wallMillis),
      helm === undefined ? '' : `**${ratio('wallMillis')}**`,
      both('cpuMillis', millis),
      ratio('cpuMillis'),
      both('peakRssBytes', megabytes),
      ratio('peakRssBytes'),
    ]
  })
  const head = ['what', 'berth', 'helm', 'ratio', 'CPU berth / helm', 'ratio', 'peak memory berth / helm', 'ratio']
  const table = [head, head.map(() => '---'), ...cells].map(line => `| ${line.join(' | ')} |`)
  const bars = rows.map(({what, bar, berth, helm}) => {
    const [found, write, of] =
      helm === undefined
        ? ([berth.wallMillis, millis, ''] as const)
        : ([berth.wallMillis / helm.wallMillis, times, " of helm's time"] as const)
    return `- ${what}: ${write(found)}${of}, bar ${write(bar)}: ${found <= bar ? 'met' : '**missed**'}`
  })
  return [...table, '', ...bars].join('\n')
}
