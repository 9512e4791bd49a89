import type {FormField} from '../../lib/params/index.ts'
import type {Answering} from './draft.ts'
import type {Prompts} from './prompts.ts'

/** Colours, or their absence. */
export interface FormPaint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
}

/** What asking one field needs. */
export interface Asking extends Answering {
  prompts: Prompts
  paint: FormPaint
  /** Width of the terminal. */
  columns: number
}

/** The question of a field: its title, and whether it may be left without an answer. */
export function messageOf(field: FormField): string {
  const filled = field.default !== undefined || (field.secret && field.constraints.generate !== false)
  return field.required || filled ? field.title : `${field.title} (optional)`
}

/** Says a field's help above its question. */
export function sayHelp({prompts, paint, columns}: Asking, help: string | undefined): void {
  if (help === undefined || help.trim() === '') return
  for (const line of wrap(help, columns)) prompts.say(paint.dim(line))
}

/** Breaks at spaces; a longer word stands alone. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const paragraph of text.trim().split('\n')) {
    let line = ''
    for (const word of paragraph.split(/\s+/)) {
      if (line !== '' && line.length + 1 + word.length > columns) {
        lines.push(line)
        line = ''
      }
      line = line === '' ? word : `${line} ${word}`
    }
    lines.push(line)
  }
  return lines
}
