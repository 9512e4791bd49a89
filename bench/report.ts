import type {Compared} from './measure.ts'

export interface Row extends Compared {
  what: string
  /** Wall time, as a part of helm's. */
  bar: number
}

const ratio = ({berth, helm}: Compared, of: keyof Compared['berth']) => berth[of] / helm[of]
const millis = (value: number) => `${value.toFixed(0)} ms`
const megabytes = (value: number) => `${(value / 1e6).toFixed(0)} MB`
const times = (value: number) => `${value.toFixed(2)}×`

/** The numbers, and a line for each bar. */
export function report(rows: Row[]): string {
  const cells = rows.map(row => [
    row.what,
    millis(row.berth.wallMillis),
    millis(row.helm.wallMillis),
    `**${times(ratio(row, 'wallMillis'))}**`,
    `${millis(row.berth.cpuMillis)} / ${millis(row.helm.cpuMillis)}`,
    times(ratio(row, 'cpuMillis')),
    `${megabytes(row.berth.peakRssBytes)} / ${megabytes(row.helm.peakRssBytes)}`,
    times(ratio(row, 'peakRssBytes')),
  ])
  const head = ['what', 'berth', 'helm', 'ratio', 'CPU berth / helm', 'ratio', 'peak memory berth / helm', 'ratio']
  const table = [head, head.map(() => '---'), ...cells].map(line => `| ${line.join(' | ')} |`)
  const bars = rows.map(row => {
    const found = ratio(row, 'wallMillis')
    return `- ${row.what}: ${times(found)} of helm's time, bar ${times(row.bar)}: ${found <= row.bar ? 'met' : '**missed**'}`
  })
  return [...table, '', ...bars].join('\n')
}
