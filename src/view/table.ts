import {stripVTControlCharacters} from 'node:util'
import type {Terminal} from './terminal.ts'

export interface Column<Row> {
  title: string
  cell(row: Row): string | number | undefined
  align?: 'right'
  /** Only with `-o wide`. */
  wide?: boolean
  /** Gives way first where the terminal is too narrow. */
  shrink?: boolean
}

const GAP = 2
/** No column is cut below this, whatever the width. */
const LEAST = 8

/**
 * Rows under titles, without borders, as kubectl prints them: easy to read, to cut and to grep. On a terminal it fits the width by
 * cutting the columns that may shrink; in a pipe nothing is cut. (cli-table3 adds 9 ms and borders.)
 */
export function table<Row>(columns: Column<Row>[], rows: Row[], {columns: width, wide, paint}: Terminal): string {
  const shown = columns.filter(column => wide || !column.wide)
  const cells = rows.map(row => shown.map(column => oneLine(String(column.cell(row) ?? ''))))
  const widths = shown.map((column, i) =>
    Math.max(column.title.length, ...cells.map(row => displayWidth(row[i] ?? ''))),
  )
  if (!wide) narrow(widths, shown, width)
  const line = (texts: string[]) =>
    texts
      .map((text, i) => pad(cut(text, widths[i] ?? 0), widths[i] ?? 0, shown[i]?.align))
      .join(' '.repeat(GAP))
      .trimEnd()
  return [paint.dim(line(shown.map(column => column.title))), ...cells.map(line)].join('\n')
}

/** `key  value` lines with the values aligned; pairs without a value are left out. */
export function pairs(entries: [string, string | number | undefined][], {paint}: Terminal): string {
  const present = entries.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(0, ...present.map(([key]) => displayWidth(key)))
  return present.map(([key, value]) => `${paint.dim(pad(key, width))}${' '.repeat(GAP)}${value}`).join('\n')
}

function narrow(widths: number[], columns: Column<never>[] | {shrink?: boolean}[], available: number): void {
  const excess = () => widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1) - available
  while (excess() > 0) {
    const candidates = widths.map((width, i) => (columns[i]?.shrink && width > LEAST ? width : 0))
    const widest = Math.max(...candidates)
    if (widest === 0) return
    const i = candidates.indexOf(widest)
    const second = Math.max(LEAST, ...candidates.filter(width => width < widest))
    widths[i] = Math.max(second, widest - excess(), LEAST)
    if (widths[i] === widest) widths[i] = widest - 1
  }
}

/** Columns that a text takes: combining marks none, East Asian wide characters and emoji two, control sequences none. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of stripVTControlCharacters(text)) {
    if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) continue
    width +=
      /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1
  }
  return width
}

/** A text that takes at most so many columns; what is cut ends in `…`. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  for (const character of stripVTControlCharacters(text)) {
    if (displayWidth(kept + character) > width - 1) break
    kept += character
  }
  return `${kept}…`
}

/** Breaks at spaces; following lines are indented. */
export function wrap(text: string, width: number, indent = 0): string {
  return text
    .split('\n')
    .map(paragraph => {
      const lines = ['']
      for (const word of paragraph.split(' ')) {
        const line = lines.at(-1) ?? ''
        if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > width) lines.push(word)
        else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
      }
      return lines.join(`\n${' '.repeat(indent)}`)
    })
    .join(`\n${' '.repeat(indent)}`)
}

function pad(text: string, width: number, align?: 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'right' ? space + text : text + space
}

const oneLine = (text: string) => (text.includes('\n') ? text.replaceAll(/\s*\n\s*/g, ' ') : text)
