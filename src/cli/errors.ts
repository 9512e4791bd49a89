import {getSystemErrorMessage} from 'node:util'
import {UserError} from '../lib/errors.ts'
import {nearest} from '../lib/nearest.ts'

/** The words of wrong usage, and of output that nobody takes. */
export const unknownCommand = (words: string, known: string[], flagsFirst = false): UserError => {
  const [first = ''] = words.split(' ')
  const meant = nearest(words, known) ?? verbOfApp(first, known)
  const below = known.filter(command => command.startsWith(`${words} `))
  const topic = known.some(command => command.startsWith(`${first} `)) ? `${first} ` : ''
  return new UserError('usage.unknown-command', {
    message:
      words === ''
        ? 'a command is missing'
        : below.length > 0
          ? `"berth ${words}" wants a verb`
          : `"berth ${words}" is not a command`,
    details: {
      command: words,
      ...(meant === undefined ? {} : {suggestion: meant}),
      ...(below.length > 0 ? {commands: below} : {}),
    },
    hint: [
      ...(meant === undefined ? [] : [`did you mean "berth ${meant}"?`]),
      ...below.map(command => `berth ${command}`),
      ...(flagsFirst ? ['flags come after the command'] : []),
      ...(meant === undefined && below.length === 0 ? [`berth ${topic}--help   lists the commands`] : []),
    ],
  })
}

/** Who comes from other tools leaves the topic out: `berth install`. */
function verbOfApp(word: string, known: string[]): string | undefined {
  const verbs = known.flatMap(command => (command.startsWith('app ') ? command.slice('app '.length) : []))
  const meant = nearest(word, verbs)
  return meant === undefined ? undefined : `app ${meant}`
}

export const unknownFlags = (flags: string[], known: string[], command: string): UserError => {
  const suggestions = flags.flatMap(flag => nearest(flag.replace(/^-+|=.*$/g, ''), known) ?? [])
  return new UserError('usage.invalid', {
    message: `${flags.length === 1 ? 'there is no flag' : 'there are no flags'} ${flags.map(withoutValue).join(', ')}`,
    details: {flags: flags.map(withoutValue), suggestions: suggestions.map(flag => `--${flag}`)},
    hint: [...suggestions.map(flag => `did you mean --${flag}?`), `berth ${command} --help`],
  })
}

export const unexpectedArguments = (values: string[], command: string): UserError =>
  new UserError('usage.invalid', {
    message: `${values.length === 1 ? 'one argument is' : `${values.length} arguments are`} too many: ${values.join(' ')}`,
    details: {arguments: values},
    hint: `berth ${command} --help`,
  })

export const missingArguments = (
  missing: {name: string; description?: string | undefined}[],
  command: string,
): UserError =>
  new UserError('usage.invalid', {
    message: `missing ${missing.map(({name, description}) => name.toUpperCase() + (description ? ` (${description})` : '')).join(', ')}`,
    details: {missing: missing.map(({name}) => name)},
    hint: `berth ${command} --help`,
  })

export const wrongUsage = (message: string, command: string, hint: string[] = []): UserError =>
  new UserError('usage.invalid', {message, hint: [...hint, `berth ${command} --help`]})

/** A flag's value may be a secret: it is never repeated. */
const withoutValue = (flag: string) => flag.replace(/=.*$/s, '')

export const outputFailed = (error: NodeJS.ErrnoException): UserError =>
  new UserError('output.failed', {
    message: `the result could not be written: ${error.message}`,
    hint: 'what was done is done: berth app list and berth app show tell how things are',
    cause: error,
  })

/** What a machine does not let its files do. */
const machineFaults = /^(EACCES|EDQUOT|EIO|EISDIR|ELOOP|EMFILE|ENAMETOOLONG|ENFILE|ENOSPC|ENOTDIR|EPERM|EROFS)$/
/** No files: what fails there is told where it occurs. */
const elsewhere = /^(accept|bind|connect|getaddrinfo|kill|listen|spawn)/

/** What the system says of a file, told as such and not as a defect; undefined where it is something else. */
export function fileFailed(error: unknown): UserError | undefined {
  if (!(error instanceof Error)) return undefined
  const {code = '', syscall = '', path, errno = 0} = error as NodeJS.ErrnoException
  const noFolder = syscall === 'mkdir' && code === 'ENOENT'
  if (!(noFolder || (machineFaults.test(code) && syscall !== '' && !elsewhere.test(syscall)))) return undefined
  const verb = /read|scandir|stat/.test(syscall) ? 'read' : 'written'
  return new UserError('file.failed', {
    message: `${path ?? 'a file'} cannot be ${verb}: ${getSystemErrorMessage(errno)}`,
    ...(path !== undefined && {details: {path}}),
    cause: error,
  })
}
