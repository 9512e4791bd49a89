import {UserError} from '../errors.ts'
import {PathSyntaxError, parseSetPath, type SetStep, splitAssignment} from './set-path.ts'

/** The flags of a command that takes answers, as they were typed. */
export interface AnswerFlags {
  unset?: readonly string[]
  setJson?: readonly string[]
  set?: readonly string[]
  setFile?: readonly string[]
  setEnv?: readonly string[]
}

/** One thing that a flag does to the answers. */
export interface FlagChange {
  path: SetStep[]
  /** As typed, without a value: `--set smtp.port`. */
  flag: string
  change:
    | {do: 'unset'}
    | {do: 'set'; text: string}
    | {do: 'setJson'; value: unknown}
    /** Where the value is; plain parameters get it as text (see {@link readSources}), secrets keep the reference until they are resolved. */
    | {do: 'setFrom'; source: {$file: string} | {$env: string}; text?: string}
}

/**
 * Reads the flags into changes, in the order in which they take effect: `--unset` first, so that `--unset list --set 'list[+]=x'`
 * starts a new list, then `--set-json`, `--set`, `--set-file`, `--set-env`, each in the order typed.
 * @throws UserError `usage.invalid` naming every flag that cannot be read
 */
export function parseFlags(flags: AnswerFlags): FlagChange[] {
  const problems: string[] = []
  const read = (
    flag: string,
    texts: readonly string[] | undefined,
    toChange: (text: string) => FlagChange,
  ): FlagChange[] =>
    (texts ?? []).flatMap(text => {
      try {
        return [toChange(text)]
      } catch (error) {
        if (!(error instanceof PathSyntaxError)) throw error
        // only the name is repeated: what follows may be a secret
        problems.push(`${flag} ${text.split('=')[0]} ${error.message}`)
        return []
      }
    })
  const assign = (flag: string, toChange: (value: string) => FlagChange['change']) => (text: string) => {
    const {path, value} = splitAssignment(text)
    return {path, flag: `${flag} ${text.slice(0, text.length - value.length - 1)}`, change: toChange(value)}
  }
  const changes = [
    ...read('--unset', flags.unset, text => ({
      path: parseSetPath(text),
      flag: `--unset ${text}`,
      change: {do: 'unset'},
    })),
    ...read(
      '--set-json',
      flags.setJson,
      assign('--set-json', text => ({do: 'setJson', value: parseJson(text)})),
    ),
    ...read(
      '--set',
      flags.set,
      assign('--set', text => ({do: 'set', text})),
    ),
    ...read(
      '--set-file',
      flags.setFile,
      assign('--set-file', text => ({do: 'setFrom', source: {$file: text}})),
    ),
    ...read(
      '--set-env',
      flags.setEnv,
      assign('--set-env', text => ({do: 'setFrom', source: {$env: text}})),
    ),
  ]
  if (problems.length === 0) return changes
  throw new UserError('usage.invalid', {message: problems.join('\n'), details: problems})
}

/** How the edge reads what flags point at. */
export interface ReadSource {
  file(path: string): Promise<string>
  env(name: string): string | undefined
}

/**
 * Fetches what `--set-file` and `--set-env` point at. Secrets do not need it (their references are followed when they are resolved), but
 * only the schema knows which parameters those are.
 * @throws UserError `usage.invalid` naming every flag whose source is not there
 */
export async function readSources(changes: readonly FlagChange[], read: ReadSource): Promise<FlagChange[]> {
  const problems: string[] = []
  const done = await Promise.all(
    changes.map(async (entry): Promise<FlagChange> => {
      if (entry.change.do !== 'setFrom') return entry
      const text = await readOne(entry.change.source, read)
      if (typeof text === 'string') return {...entry, change: {...entry.change, text}}
      problems.push(`${entry.flag}: ${text.problem}`)
      return entry
    }),
  )
  if (problems.length === 0) return done
  throw new UserError('usage.invalid', {message: problems.join('\n'), details: problems})
}

async function readOne(
  source: {$file: string} | {$env: string},
  read: ReadSource,
): Promise<string | {problem: string}> {
  if ('$env' in source) {
    return read.env(source.$env) ?? {problem: `the environment has no variable ${source.$env}`}
  }
  try {
    return await read.file(source.$file)
  } catch (error) {
    return {problem: `cannot read ${source.$file}: ${error instanceof Error ? error.message : String(error)}`}
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // the parser's own message quotes the text
    throw new PathSyntaxError('has a value that is not JSON')
  }
}
