import {spawn} from 'node:child_process'
import {mkdir, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expectSchema} from './schema.ts'

export const root = join(import.meta.dirname, '../..')

/** What a run of the built binary left behind. */
export class Run {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string

  constructor(exitCode: number | null, stdout: string, stderr: string) {
    this.exitCode = exitCode
    this.stdout = stdout
    this.stderr = stderr
  }

  /** The one document on stdout, checked against its schema. @throws when there is none, or more than one */
  get json(): Document {
    const document = JSON.parse(this.stdout) as {kind: string}
    expectSchema(document.kind, document)
    return document
  }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look at documents of every kind, and chai says what is wrong with them
type Document = any

export interface Place {
  /** Where the command runs; HOME and the XDG folders are below. Gone after the test. */
  folder: string
  /** Added to the little environment that each run has. */
  env: Record<string, string | undefined>
}

let place: Place | undefined

/** In a `describe`: each test gets a folder of its own, and a home in it that no other test has touched. */
export function inTemporaryHome(): Place {
  const current: Place = {folder: '', env: {}}
  beforeEach(async () => {
    current.folder = await mkdtemp(join(tmpdir(), 'berth-test-'))
    current.env = {}
    await mkdir(join(current.folder, 'home'))
    place = current
  })
  afterEach(async () => {
    place = undefined
    await rm(current.folder, {recursive: true, force: true})
  })
  return current
}

/**
 * Runs the built binary: berth`repo add ${name} ${folder} --json`. Words are split at spaces, a value stays one word whatever it
 * holds, an array is so many words.
 */
export function berth(strings: TemplateStringsArray, ...values: (string | number | string[])[]): Promise<Run> {
  return runBerth(wordsOf(strings, values))
}

/** The same with more to say: input, signals, a closed stdout. */
export async function runBerth(
  args: string[],
  {stdin = '', onStart}: {stdin?: string; onStart?: (child: ReturnType<typeof spawn>) => void} = {},
): Promise<Run> {
  const child = spawn(join(root, 'bin/berth'), args, {cwd: place?.folder ?? root, env: environment(), stdio: 'pipe'})
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  child.stdin.on('error', () => undefined) // It may leave without reading.
  child.stdin.end(stdin)
  onStart?.(child)
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return new Run(exitCode, stdout(), stderr())
}

function environment(): NodeJS.ProcessEnv {
  const {PATH, KUBECONFIG} = process.env
  const home = join(place?.folder ?? tmpdir(), 'home')
  return {PATH, KUBECONFIG, HOME: home, TERM: 'dumb', LANG: 'C.UTF-8', ...place?.env}
}

function wordsOf(strings: TemplateStringsArray, values: (string | number | string[])[]): string[] {
  const words: string[] = []
  let word: string | undefined
  strings.forEach((text, i) => {
    for (const [piece] of text.matchAll(/\s+|\S+/g)) {
      if (piece.trim() !== '') word = (word ?? '') + piece
      else if (word !== undefined) {
        words.push(word)
        word = undefined
      }
    }
    const value = values[i]
    if (Array.isArray(value)) words.push(...value)
    else if (value !== undefined) word = (word ?? '') + value
  })
  return word === undefined ? words : [...words, word]
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8')
}
