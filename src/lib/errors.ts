import type {ErrorCode} from './error-codes.ts'

/** What an error carries besides its code. `details` end up in `--json`, so they never hold a secret. */
export interface ErrorInfo {
  /** What happened, and why, with the evidence (object, field, event). One or a few lines, no trailing full stop. */
  message: string
  /** Machine-readable evidence: field errors, users of an app, missing permissions. */
  details?: unknown
  /** What to do next, ideally commands to paste. */
  hint?: string | string[]
  cause?: unknown
}

/** The base of every expected failure. What is thrown and is not one of these is a defect of berth. */
export abstract class BerthError extends Error {
  readonly code: ErrorCode
  readonly details: unknown
  readonly hint: string[]

  constructor(code: ErrorCode, info: ErrorInfo) {
    super(info.message, info.cause === undefined ? undefined : {cause: info.cause})
    this.name = new.target.name
    this.code = code
    this.details = info.details
    this.hint = info.hint === undefined ? [] : [info.hint].flat()
  }
}

/** Something the user can mend: input, a refusal, a missing object, a failed operation that says how to go on. */
export class UserError extends BerthError {}

/** A cluster, registry or store that failed or refused us; keeps the HTTP status and the machine-readable reason. */
export class RemoteError extends BerthError {
  readonly status: number | undefined
  readonly reason: string | undefined

  constructor(code: ErrorCode, info: ErrorInfo & {status?: number; reason?: string}) {
    super(code, info)
    this.status = info.status
    this.reason = info.reason
  }
}

/** A wrong field of the user's input, in the one shape that forms, `app validate` and `error.details` share. */
export interface FieldError {
  /** JSON pointer into the answers, e.g. `/smtp/port`. */
  field: string
  /** Stable and short: `required`, `type`, `minimum`, `pattern`, `unknown`, … */
  code: string
  message: string
  expected?: unknown
  /** What was given; left out for secrets. */
  got?: unknown
  /** Where in the answers file, 1-based, if it came from one. */
  line?: number
  column?: number
}
