const UNITS: [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
]

/** `3m`, `2h`, `12d`: how long ago an RFC 3339 time was, as kubectl says it. `-` without a time. */
export function ago(time: string | undefined, now: number): string {
  if (time === undefined) return '-'
  return duration(Math.max(0, now - Date.parse(time)))
}

/** `850ms`, `3s`, `2m 5s`, `3h`, `12d`: two units while minutes matter, one beyond. */
export function duration(millis: number): string {
  if (Number.isNaN(millis)) return '-'
  if (millis < 1000) return `${Math.round(millis)}ms`
  const [size, unit] = UNITS.find(([size]) => millis >= size) ?? [1000, 's']
  const whole = Math.floor(millis / size)
  const seconds = Math.floor((millis % 60_000) / 1000)
  return unit === 'm' && whole < 10 && seconds > 0 ? `${whole}m ${seconds}s` : `${whole}${unit}`
}

/** `512 B`, `1.5 KiB`, `20 MiB`: binary units, as Kubernetes counts. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = count
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1).replace(/\.0$/, '')} ${units[unit]}`
}

/** `1 app`, `3 apps`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

/** `a, b and c`; beyond `most`, `a, b and 5 more`. */
export function listOf(items: string[], most = 5): string {
  const shown = items.length > most ? [...items.slice(0, most - 1), `${items.length - most + 1} more`] : items
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/**
 * A text of strangers for a terminal: what would move its cursor, set its title or ring its bell is shown as `^[`, `^G`; tabs stay, and
 * colours (SGR) where they are wanted.
 */
export function visible(text: string, colours = false): string {
  if (!control.test(text)) return text
  const shown = text.replace(controls, found =>
    found.length > 1 ? (colours ? found : '') : `^${String.fromCharCode((found.charCodeAt(0) & 0x7f) ^ 0x40)}`,
  )
  return colours && shown.includes('\x1b[') ? `${shown}\x1b[m` : shown
}

/** The same of what berth says as a whole: its lines and colours stay. */
export const harmless = (text: string): string =>
  text
    .split('\n')
    .map(line => visible(line, true))
    .join('\n')

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const control = /[\0-\x08\x0a-\x1f\x7f-\x9f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const controls = /\x1b\[[\d;:]{0,64}m|[\0-\x08\x0a-\x1f\x7f-\x9f]/g
