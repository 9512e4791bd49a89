import {readFile} from 'node:fs/promises'
import {resolve} from 'node:path'
import {text as readAll} from 'node:stream/consumers'
import valid from 'semver/functions/valid.js'
import type {Manifest, Package} from '../lib/package/index.ts'
import type {Answers, AnswersFile, MergedAnswers, ReadSource} from '../lib/params/index.ts'
import {
  locateErrors,
  mergeAnswers,
  migrateAnswers,
  parseFlags,
  readAnswersFile,
  readSources,
} from '../lib/params/index.ts'
import {wrongUsage} from './errors.ts'
import {given} from './given.ts'

/** The flags of `answerFlags`, as oclif gives them. */
export interface AnswerFlagValues {
  answers?: string | undefined
  'answers-for'?: string | undefined
  set?: string[] | undefined
  'set-json'?: string[] | undefined
  'set-value'?: string[] | undefined
  'set-file'?: string[] | undefined
  'set-env'?: string[] | undefined
  unset?: string[] | undefined
}

/** How this process reads what answers point at. Paths start from the working directory. */
export const readerFor = (workDir: string, env: Record<string, string | undefined>): ReadSource => ({
  file: path => readFile(resolve(workDir, path)),
  env: name => env[name],
})

/**
 * The answers that flags and the answers file give, over present ones. Errors come along, so that they can be told with all others.
 * @throws UserError `usage.invalid`, `params.invalid` where a flag or the file itself cannot be read
 */
export async function gatherAnswers(
  flags: AnswerFlagValues,
  {manifest, interfaces}: Pick<Package, 'interfaces'> & {manifest: Pick<Manifest, 'parameters' | 'migrations'>},
  read: ReadSource,
  words: string,
  present?: Answers,
): Promise<MergedAnswers> {
  const changes = parseFlags(
    given({
      set: flags.set,
      setJson: flags['set-json'],
      setValue: flags['set-value'],
      setFile: flags['set-file'],
      setEnv: flags['set-env'],
      unset: flags.unset,
    }),
  )
  const {answers: name, 'answers-for': from} = flags
  const file = name === undefined ? undefined : await readFileOf(name, read, words)
  if (from !== undefined && valid(from) === null) throw wrongUsage(`--answers-for ${from} is no version`, words)
  const migrated = migrateAnswers(from === undefined ? [] : manifest.migrations, from ?? '', file?.answers ?? {})
  const now = file && {...file, answers: migrated.answers}
  const merged = mergeAnswers(manifest.parameters, {
    interfaces,
    ...given({present, file: now}),
    flags: await readSources(changes, read),
  })
  return {...merged, errors: [...locateErrors(migrated.errors, merged.positions), ...merged.errors]}
}

async function readFileOf(name: string, read: ReadSource, words: string): Promise<AnswersFile> {
  if (name === '-') return readAnswersFile(await readAll(process.stdin), 'standard input')
  const bytes = await read.file(name).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error)
      throw wrongUsage(`the answers file ${name} cannot be read: ${error.message}`, words)
    throw error
  })
  return readAnswersFile(String(bytes), name)
}
