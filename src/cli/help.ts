import packageJson from '../../package.json' with {type: 'json'}
import type {Help, HelpFlag} from '../view/help.ts'
import {given} from './given.ts'
import type {CachedCommand as Cached, Manifest} from './manifest.ts'

/** The help for a command, or for the words that commands begin with; undefined where there is neither. */
export function helpFor(commands: Manifest['commands'], words: string[]): Help | undefined {
  const command = words.join(' ')
  const cached = commands[words.join(':')]
  const below = Object.values(commands).filter(
    ({id}) => words.every((word, i) => id.split(':')[i] === word) && id.split(':').length > words.length,
  )
  if (!cached && below.length === 0) return undefined
  const empty = {arguments: [], flags: [], examples: []}
  if (!cached) {
    const summary = words.length === 0 ? packageJson.description : topics[command]?.description
    return {
      command,
      ...given({summary}),
      usage: `berth ${command ? `${command} ` : ''}COMMAND`,
      ...empty,
      commands:
        words.length === 0
          ? overview(below)
          : below.map(({id, summary}) => ({command: id.replaceAll(':', ' '), ...given({summary})})),
    }
  }
  const args = Object.values(cached.args).filter(({hidden}) => !hidden)
  return {
    command,
    ...given({summary: cached.summary, description: cached.description && filled(cached.description)}),
    usage: [
      'berth',
      command,
      ...args.map(({name, required}) => (required ? name.toUpperCase() : `[${name.toUpperCase()}]`)),
      '[flags]',
    ].join(' '),
    arguments: args.map(({name, description, required}) => ({
      name,
      required: required ?? false,
      ...given({summary: description}),
    })),
    flags: Object.values(cached.flags)
      .filter(({hidden}) => !hidden)
      .map(flagOf),
    examples: (cached.examples ?? []).map(example =>
      typeof example === 'string'
        ? {command: filled(example)}
        : {description: example.description, command: filled(example.command)},
    ),
    commands: below.map(({id, summary}) => ({command: id.replaceAll(':', ' '), ...given({summary})})),
  }
}

/** Topics in the order of package.json, each as one line, then the commands without one. */
function overview(commands: Cached[]): Help['commands'] {
  const first = [...new Set([...Object.keys(topics), ...commands.map(({id}) => id.split(':')[0] ?? '')])]
  return first
    .filter(word => commands.some(({id}) => id.split(':')[0] === word))
    .map(word => {
      const alone = commands.find(({id}) => id === word)
      return {command: word, ...given({summary: alone?.summary ?? topics[word]?.description})}
    })
}

function flagOf(flag: Cached['flags'][string]): HelpFlag {
  const {name, char, summary, description, helpGroup} = flag
  const value = flag.type === 'option' ? (flag.helpValue ?? flag.options?.join('|') ?? 'VALUE') : undefined
  const preset = flag.type === 'option' && flag.default !== undefined ? String(flag.default) : undefined
  return {
    name: flag.type === 'boolean' && flag.allowNo ? `[no-]${name}` : name,
    repeatable: flag.type === 'option' && Boolean(flag.multiple),
    ...given({
      char,
      summary: summary ?? description,
      group: helpGroup,
      value: Array.isArray(value) ? value.join(' ') : value,
      default: preset,
    }),
  }
}

const topics: Record<string, {description: string} | undefined> = packageJson.oclif.topics

const filled = (text: string) => text.replaceAll(/<%= config\.bin %>/g, 'berth')
