import {UserError} from '../errors.ts'
import {checkLimits} from './limits.ts'
import {PathSyntaxError, parseSetPath, type SetStep, splitAssignment} from './set-path.ts'
import {type ReadSource, readSource, type Source} from './source.ts'

/** The flags of a command that takes answers, as they were typed. */
export interface AnswerFlags {
  unset?: readonly string[]
  setJson?: readonly string[]
  set?: readonly string[]
  setValue?: readonly string[]
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
    /** Where the value is; plain parameters get what is there (see {@link readSources}), secrets keep the reference until they are resolved. */
    | {do: 'setFrom'; source: Source; content?: Buffer}
}

type Change = FlagChange['change']

/** Flags in the order in which they take effect, and what each does with the text after its `=`. */
const assigning: {flag: string; of: keyof AnswerFlags; change(text: string): Change}[] = [
  {flag: '--set-json', of: 'setJson', change: text => ({do: 'setJson', value: parseJson(text)})},
  {flag: '--set', of: 'set', change: text => ({do: 'set', text})},
  {flag: '--set-value', of: 'setValue', change: $value => ({do: 'setJson', value: {$value}})},
  {flag: '--set-file', of: 'setFile', change: text => ({do: 'setFrom', source: {$file: text}})},
  {flag: '--set-env', of: 'setEnv', change: text => ({do: 'setFrom', source: {$env: text}})},
]

/**
 * Reads the flags into changes, in the order in which they take effect: `--unset` first, so that `--unset list --set 'list[+]=x'`
 * starts a new list, then `--set-json`, `--set`, `--set-value`, `--set-file`, `--set-env`, each in the order typed. Parts may be said
 * beside the whole, but nothing twice: whichever counted, the other would be lost without a word.
 * @throws UserError `usage.invalid` naming every flag that cannot be read, and those that say the same
 */
export function parseFlags(flags: AnswerFlags): FlagChange[] {
  const problems: string[] = []
  const changes = [
    ...(flags.unset ?? []).flatMap(text =>
      readable(`--unset ${text}`, () => ({path: parseSetPath(text), change: {do: 'unset'}})),
    ),
    ...assigning.flatMap(({flag, of, change}) =>
      (flags[of] ?? []).flatMap(text =>
        readable(`${flag} ${text.split('=')[0]}`, () => {
          const {path, value} = splitAssignment(text)
          return {path, change: change(value)}
        }),
      ),
    ),
  ]
  for (const [at, later] of changes.entries()) {
    const lost = changes.slice(0, at).find(earlier => loses(earlier, later))
    if (lost !== undefined) problems.push(`${lost.flag} and ${later.flag} say the same parameter: give one of them`)
  }
  if (problems.length === 0) return changes
  throw new UserError('usage.invalid', {message: problems.join('\n'), details: problems})

  function readable(flag: string, read: () => Omit<FlagChange, 'flag'>): FlagChange[] {
    try {
      return [{flag, ...read()}]
    } catch (error) {
      if (!(error instanceof PathSyntaxError)) throw error
      problems.push(`${flag} ${error.message}`)
      return []
    }
  }
}

/** Is nothing left of a change by a later one? What is appended is never said twice. */
function loses(earlier: FlagChange, later: FlagChange): boolean {
  const isText = earlier.change.do === 'set' || earlier.change.do === 'setFrom'
  return isWithin(earlier.path, later.path) || (isText && isWithin(later.path, earlier.path))
}

const isWithin = (path: SetStep[], whole: SetStep[]): boolean =>
  whole.every((step, index) => typeof step !== 'object' && step === path[index])

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
      const found = await readSource(entry.change.source, read)
      if ('content' in found) return {...entry, change: {...entry.change, content: found.content}}
      problems.push(`${entry.flag}: ${found.problem}`)
      return entry
    }),
  )
  if (problems.length === 0) return done
  throw new UserError('usage.invalid', {message: problems.join('\n'), details: problems})
}

function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // the parser's own message quotes the text
    throw new PathSyntaxError('has a value that is not JSON')
  }
  // JSON.parse reads any depth; what comes after it would go over the stack.
  const deep = checkLimits(value).find(({code}) => code === 'depth')
  if (deep !== undefined) throw new PathSyntaxError(`has a value that ${deep.message}`)
  return value
}
