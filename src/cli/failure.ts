import {errorCodes} from '../lib/error-codes.ts'
import {BerthError} from '../lib/errors.ts'
import type {Finding} from '../lib/package/index.ts'
import {findingLines} from '../view/package/linted.ts'
import type {Terminal} from '../view/terminal.ts'
import type {ErrorDocument} from './document.ts'
import {fileFailed} from './errors.ts'
import {Interrupted} from './interrupt.ts'
import {chain, scrub} from './scrub.ts'

/** What a failed run ends in: for programs a document, for people a few lines, for the shell a number. */
export interface Failure {
  exitCode: number
  document: ErrorDocument
  text(terminal: Terminal): string
}

interface Circumstances {
  argv: string[]
  version: string
  stateDir: string
  verbose: boolean
  warnings: string[]
  /** Aborted: whatever was thrown since then comes from that, unless it says better. */
  signal: AbortSignal
}

/** Expected failures keep their words; anything else is a defect, told in one line and kept whole in a crash report. */
export async function failureOf(error: unknown, circumstances: Circumstances): Promise<Failure> {
  const {signal, warnings, verbose} = circumstances
  if (error instanceof BerthError) return expected(error, warnings, signal)
  if (signal.aborted && signal.reason instanceof Interrupted) return expected(signal.reason, warnings, signal)
  const file = fileFailed(error)
  if (file !== undefined) return expected(file, warnings)
  const {writeCrashReport} = await import('./crash.ts')
  return defect(error, await writeCrashReport({error, ...circumstances}), warnings, verbose)
}

export function expected(error: BerthError, warnings: string[], signal?: AbortSignal): Failure {
  const reason: unknown = error.code === 'operation.interrupted' && signal?.aborted ? signal.reason : error
  const exitCode = reason instanceof Interrupted ? reason.exitCode : errorCodes[error.code].exit
  return failure(
    exitCode,
    {
      code: error.code,
      exitCode,
      message: error.message,
      ...(error.details === undefined ? {} : {details: error.details}),
      hint: [...error.hint, ...whatElse(error)],
    },
    warnings,
  )
}

/** A request tells of one missing right; what follows may want others. */
function whatElse({code, details}: BerthError): string[] {
  const {rule, namespace} = (details ?? {}) as {rule?: object; namespace?: string}
  if (code !== 'cluster.forbidden' || rule === undefined || namespace === undefined) return []
  return [`berth cluster status -n ${namespace}   all that you may not do there`]
}

function defect(error: unknown, report: string | undefined, warnings: string[], verbose: boolean): Failure {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const message = `this is a defect of berth: ${scrub(said).split('\n', 1)[0]}`
  const hint =
    report === undefined
      ? ['please report it; run it again with --verbose for where it happened']
      : [`please report it with ${report}`]
  return failure(
    1,
    {code: 'defect', exitCode: 1, message, ...(report === undefined ? {} : {details: {report}}), hint},
    warnings,
    verbose ? chain(error).map(scrub) : [],
  )
}

function failure(exitCode: number, error: ErrorDocument['error'], warnings: string[], stacks: string[] = []): Failure {
  return {
    exitCode,
    document: {apiVersion: 'berth.dev/v1', kind: 'Error', status: 'error', error, warnings},
    text: terminal => {
      const {paint} = terminal
      const [first, ...more] = error.message.split('\n')
      return [
        `${paint.red(paint.bold('error'))} ${first} ${paint.dim(`(${error.code})`)}`,
        ...(more.length > 0 ? more : evidence(error.details, terminal)),
        ...error.hint.map(line => `${paint.cyan('→')} ${line}`),
        ...stacks.map(stack => paint.dim(stack)),
      ].join('\n')
    },
  }
}

/** Wrong fields and lint's findings one a line, where the message does not list them itself; other evidence is in the message. */
function evidence(details: unknown, terminal: Terminal): string[] {
  if (!Array.isArray(details)) return []
  if (isFindings(details)) return details.map(finding => findingLines(finding, terminal))
  return details.flatMap((detail: unknown) => {
    if (typeof detail !== 'object' || detail === null || !('field' in detail) || !('message' in detail)) return []
    const {field, message, line} = detail as {field: string; message: string; line?: number}
    return `  ${field || '/'}  ${message}${line === undefined ? '' : ` (line ${line})`}`
  })
}

const isFindings = (details: unknown[]): details is Finding[] =>
  details.every(detail => typeof detail === 'object' && detail !== null && 'rule' in detail && 'position' in detail)
