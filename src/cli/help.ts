import packageJson from '../../package.json' with {type: 'json'}
import type {Help, HelpFlag} from '../view/help.ts'
import {given} from './given.ts'
import type {CachedCommand, Manifest} from './manifest.ts'

/** By the word that commands begin with, in the order that help shows them. */
const topics: Record<string, {description: string} | undefined> = packageJson.oclif.topics

/** The help for a command, or for the words that commands begin with; undefined where there is neither. */
export function helpFor(commands: Manifest['commands'], words: string[]): Help | undefined {
  const command = commands[words.join(':')]
  if (command) return helpForCommand(command)
  const below = Object.values(commands).filter(({id}) => `${id}:`.startsWith([...words, ''].join(':')))
  if (below.length === 0) return undefined
  const [topic] = words
  return {
    command: words.join(' '),
    ...given({summary: topic === undefined ? packageJson.description : topics[topic]?.description}),
    usage: ['berth', ...words, 'COMMAND'].join(' '),
    arguments: [],
    flags: [],
    examples: [],
    commands:
      topic === undefined
        ? [
            ...Object.entries(topics).map(([word, about]) => ({
              command: word,
              ...given({summary: about?.description}),
            })),
            ...below.filter(({id}) => !id.includes(':')).map(({id, summary}) => ({command: id, summary})),
          ]
        : below.map(({id, summary}) => ({command: id.replaceAll(':', ' '), summary})),
  }
}

function helpForCommand({id, summary, description, args, flags, examples}: CachedCommand): Help {
  const command = id.replaceAll(':', ' ')
  const words = Object.values(args).map(({name, required}) =>
    required ? name.toUpperCase() : `[${name.toUpperCase()}]`,
  )
  return {
    command,
    ...given({summary, description}),
    usage: ['berth', command, ...words, '[flags]'].join(' '),
    arguments: Object.values(args).map(({name, description, required = false}) => ({
      name,
      required,
      ...given({summary: description}),
    })),
    flags: Object.values(flags).map(flagOf),
    examples,
    commands: [],
  }
}

function flagOf(flag: CachedCommand['flags'][string]): HelpFlag {
  const {name, char, summary, helpGroup: group} = flag
  if (flag.type === 'boolean') return {name, repeatable: false, ...given({char, summary, group})}
  const value = String(flag.helpValue ?? flag.options?.join('|') ?? 'VALUE')
  const preset = String(flag.default ?? '') || undefined // an empty list is nothing to tell
  return {name, repeatable: Boolean(flag.multiple), ...given({char, summary, group, value, default: preset})}
}
