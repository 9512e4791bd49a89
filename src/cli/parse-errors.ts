import {stripVTControlCharacters} from 'node:util'
import {BerthError} from '../lib/errors.ts'
import {missingArguments, unexpectedArguments, unknownFlags, wrongUsage} from './errors.ts'

interface ParseFailure {
  message: string
  flags?: unknown
  args?: unknown
}

/**
 * The parser's complaint in our words. oclif exports none of its parse errors' classes, so they are told apart by what they carry:
 * `flags: string[]` of NonExistentFlagsError, `args` of UnexpectedArgsError (strings) and RequiredArgsError (definitions).
 * What is no complaint of the parser is returned as it is.
 */
export function translateParseError(error: unknown, command: string, knownFlags: string[]): unknown {
  if (!(error instanceof Error)) return error
  const own = /^Parsing --(\S+) \n\t(?<message>[\s\S]*)\nSee more help with --help$/.exec(error.message)
  if (error instanceof BerthError)
    return own ? wrongUsage(`--${own[1]}: ${own.groups?.message}`, command, error.hint) : error
  if (!('oclif' in error)) return error
  const {flags, args, message}: ParseFailure = error
  if (isStrings(flags)) return unknownFlags(flags, knownFlags, command)
  if (isStrings(args)) return unexpectedArguments(args, command)
  if (isDefinitions(args)) return missingArguments(args, command)
  return wrongUsage(own ? `--${own[1]}: ${own.groups?.message}` : reworded(message), command)
}

const REWORDED: [RegExp, string][] = [
  [/\s*See more help with --help\s*$/, ''],
  [/^The following errors? occurred:\s*/, ''],
  [/--(\S+?)=.* cannot also be provided when using --(\S+)/g, '--$1 and --$2 exclude each other'],
  [/Expected --(\S+?)=(.*) to be one of: /, '--$1 cannot be "$2"; it is one of '],
  [/Flag --(\S+)/g, '--$1'],
  [/Missing required flag (\S+)/g, '--$1 is missing'],
  [/\s*\n\s*/g, '; '],
]

function reworded(message: string): string {
  return REWORDED.reduce((text, [pattern, words]) => text.replace(pattern, words), stripVTControlCharacters(message))
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string')

const isDefinitions = (value: unknown): value is {name: string; description?: string}[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(item => typeof item === 'object' && item !== null && 'name' in item)
