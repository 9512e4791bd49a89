import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {root} from '../cli/support.ts'

/** `BERTH_SOAK=1` tries everything and writes docs/reliability.md, a smaller number so large a part of it; without, a few of each are tried. */
const soak = process.env.BERTH_SOAK === undefined ? undefined : Number(process.env.BERTH_SOAK)
/** Which of them: the same few each time, others with another `BERTH_SEED`: what fails shall have changed. */
const seed = Number(process.env.BERTH_SEED ?? 1)

/** So many of them, spread evenly and shifted by the seed; all, or the asked part, when soaking. */
export function chosen<T>(all: T[], few: number): T[] {
  const count = soak === undefined ? Math.min(few, all.length) : Math.ceil(all.length * Math.min(1, soak))
  // One of each of so many equal parts, by chance that can be had again.
  const step = all.length / count
  const index = (i: number) => Math.floor((i + (((seed + i) * 0.618_034) % 1)) * step)
  return Array.from({length: count}, (_, i) => all[index(i)]).filter(each => each !== undefined)
}

/** What takes hours says how far it is. */
export const tell = (line: string): void => {
  if (soak !== undefined) process.stderr.write(`${line}\n`)
}

export const how = `BERTH_SEED=${seed}${soak === undefined ? '' : ` BERTH_SOAK=${soak}`}`
const page = join(root, 'docs/reliability.md')

/** When soaking, puts a table into its place in docs/reliability.md, with the day and, where not all was tried (`whole`), the part. */
export async function publish(
  section: string,
  header: string[],
  rows: (string | number)[][],
  whole = false,
): Promise<void> {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
  const table = [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
  if (soak === undefined) return void process.stdout.write(`${how}\n${table}\n`.replace(/^(?=.)/gm, '      '))
  const part = whole || soak >= 1 ? 'everything' : `an evenly spread ${Math.round(soak * 100)} % of it`
  const said = `${new Date().toISOString().slice(0, 10)}, ${part} (\`${how} make soak\`):\n\n${table}`
  const text = await readFile(page, 'utf8')
  const [begin, end] = [`<!-- ${section} -->`, `<!-- /${section} -->`]
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`docs/reliability.md has no place ${begin} … ${end}`)
  await writeFile(page, `${before}${begin}\n${said}\n${end}${after}`)
}
