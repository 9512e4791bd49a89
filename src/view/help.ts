import {displayWidth, wrap} from './table.ts'
import type {Terminal, View} from './terminal.ts'

/** What `--help --json` prints, and what help is written from: a command with its flags, or the commands below a word. */
export interface Help {
  /** `app install`; empty for the whole program. */
  command: string
  summary?: string
  description?: string
  usage: string
  arguments: {name: string; summary?: string; required: boolean}[]
  flags: HelpFlag[]
  examples: {description?: string; command: string}[]
  /** What is below: commands with their summaries. */
  commands: {command: string; summary?: string}[]
}

export interface HelpFlag {
  name: string
  char?: string
  /** What stands for its value; none: a switch. */
  value?: string
  repeatable: boolean
  summary?: string
  group?: string
  default?: string
}

export const helpView: View<Help> = (help, terminal) => {
  const {paint} = terminal
  const width = Math.min(Math.max(Number.isFinite(terminal.columns) ? terminal.columns : 100, 60), 120)
  const title = (text: string) => paint.bold(text)
  const groups = [...new Set(help.flags.map(({group}) => group ?? ''))].sort((a, b) => order(a) - order(b))
  const sections = [
    help.summary && sentence(help.summary),
    `${title('Usage')}  ${help.usage}`,
    help.description && wrap(help.description, width),
    section(
      title('Commands'),
      rows(
        help.commands.map(({command, summary}) => [command, summary ?? '']),
        width,
        terminal,
      ),
    ),
    section(
      title('Arguments'),
      rows(
        help.arguments.map(({name, summary, required}) => [
          name.toUpperCase(),
          `${summary ?? ''}${required ? '' : ' (optional)'}`,
        ]),
        width,
        terminal,
      ),
    ),
    ...groups.map(group =>
      section(
        title(group === '' ? 'Flags' : `${group[0]}${group.slice(1).toLowerCase()} flags`),
        rows(help.flags.filter(flag => (flag.group ?? '') === group).map(flagRow), width, terminal),
      ),
    ),
    section(
      title('Examples'),
      help.examples
        .map(({description, command}) => `${description ? `  ${paint.dim(`# ${description}`)}\n` : ''}  ${command}`)
        .join('\n'),
    ),
    help.command === '' && paint.dim('berth COMMAND --help says more about one; every command takes --json.'),
  ]
  return sections.filter(Boolean).join('\n\n')
}

const order = (group: string) => ['', 'ANSWERS', 'PLAN', 'PROGRESS', 'CLUSTER', 'GLOBAL'].indexOf(group)

const section = (title: string, body: string) => (body === '' ? '' : `${title}\n${body}`)

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function flagRow({char, name, value, repeatable, summary, default: preset}: HelpFlag): [string, string] {
  const left = `${char ? `-${char}, ` : '    '}--${name}${value ? ` ${value}` : ''}`
  const notes = [repeatable ? 'repeatable' : '', preset === undefined ? '' : `default ${preset}`].filter(Boolean)
  return [left, `${summary ?? ''}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`]
}

/** Two columns; a left side that is too long gets a line of its own. */
function rows(entries: [string, string][], width: number, {paint}: Terminal): string {
  const left = Math.min(34, Math.max(0, ...entries.map(([text]) => displayWidth(text))))
  return entries
    .map(([term, text]) => {
      const indent = left + 4
      const body = wrap(text, width - indent, indent)
      return displayWidth(term) > left
        ? `  ${paint.cyan(term)}\n${' '.repeat(indent)}${body}`
        : `  ${paint.cyan(term)}${' '.repeat(left - displayWidth(term) + 2)}${body}`.trimEnd()
    })
    .join('\n')
}
