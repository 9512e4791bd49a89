import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {checkAnswers, fieldsFor} from '../../lib/app/index.ts'
import {BerthError, type FieldError, RemoteError, UserError} from '../../lib/errors.ts'
import {
  type AnswersFile,
  invalidAnswers,
  type MergedAnswers,
  mergeAnswers,
  readAnswersFile,
} from '../../lib/params/index.ts'
import {type Chosen, merged} from '../chosen.ts'
import type {Session} from '../session.ts'
import {withErrors, withoutErrors, writeAnswers} from './write-answers.ts'

/** What a person wrote, and the file that it stands in until it has been carried out. */
export class Edited {
  readonly answers: MergedAnswers
  readonly #file: string

  constructor(answers: MergedAnswers, file: string) {
    this.answers = answers
    this.#file = file
  }

  /** The file goes once the work is done; where that fails, the error says where it is. */
  async until<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work
      await rm(dirname(this.#file), {recursive: true})
      return result
    } catch (error) {
      throw naming(error, this.#file)
    }
  }
}

/**
 * Opens an editor on the answers, until nothing is wrong with them or the person gives up by changing nothing. The file is the whole: an
 * answer that is taken out is no answer any more. Undefined where it was left as it was opened.
 * @throws UserError `params.invalid` naming the file with what was written
 */
export async function editAnswers(chosen: Chosen, session: Session): Promise<Edited | undefined> {
  const {lib, around, answers} = chosen
  const {ref, pkg} = around
  const {manifest} = pkg
  if (answers.errors.length > 0) throw invalidAnswers(answers.errors, manifest.name)
  session.listener.settle()
  const head = `# Answers of ${ref.namespace}/${ref.name} (${manifest.name} ${manifest.version}). Save to go on; change nothing to leave it.\n\n`
  const first = head + writeAnswers(await fieldsFor(lib, around, answers.answers), answers.answers)
  // For its owner alone: what is written may be a password.
  const file = join(await mkdtemp(join(tmpdir(), 'berth-')), `${ref.name}.yaml`)
  let shown = first
  let said: FieldError[] = []
  for (;;) {
    await writeFile(file, shown, {mode: 0o600})
    try {
      await openEditor(file, session.env)
      lib.signal.throwIfAborted()
    } catch (error) {
      throw naming(error, file)
    }
    const text = await readFile(file, 'utf8')
    if (text === first) {
      await rm(dirname(file), {recursive: true})
      return undefined
    }
    const plain = withoutErrors(text, said)
    const {merged: read, errors} = await readBack(chosen, plain)
    if (errors.length === 0) return new Edited(read, file)
    if (text === shown) throw naming(invalidAnswers(errors, manifest.name), file)
    shown = withErrors(plain, errors)
    said = errors
  }
}

async function readBack({lib, around}: Chosen, text: string): Promise<{merged: MergedAnswers; errors: FieldError[]}> {
  let file: AnswersFile
  try {
    file = readAnswersFile(text, 'what you wrote')
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'params.invalid') throw error
    return {merged: merged({}), errors: error.details as FieldError[]}
  }
  const read = mergeAnswers(around.pkg.manifest.parameters, {file, interfaces: around.pkg.interfaces})
  return {merged: read, errors: await checkAnswers(lib, around, read)}
}

/** As git does it: the shell reads the variable, so that it may have arguments. The result's stdout is not the editor's, unless it is a terminal. */
async function openEditor(file: string, env: Session['env']): Promise<void> {
  const editor = env.VISUAL || env.EDITOR || 'vi'
  const stdio = ['inherit', process.stdout.isTTY ? 'inherit' : 2, 'inherit'] as const
  const child = spawn('sh', ['-c', `${editor} "$@"`, editor, file], {stdio: [...stdio], env})
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (code !== 0)
    throw new UserError('usage.invalid', {
      message: `the editor (${editor}) ended with ${signal ?? `exit code ${code}`}: nothing was changed`,
      hint: 'VISUAL or EDITOR names another',
    })
}

/** The same error, with where the text is that would be lost otherwise. */
function naming(error: unknown, file: string): unknown {
  if (!(error instanceof BerthError)) return error
  const {code, message, details, hint, cause} = error
  const info = {message, details, cause, hint: [...hint, `what you wrote is kept in ${file}: --answers reads it`]}
  return error instanceof RemoteError ? new RemoteError(code, info) : new UserError(code, info)
}
