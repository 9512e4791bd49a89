export interface Paint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

/** Where a view's words will stand. */
export interface Terminal {
  /** Infinite in a pipe. */
  columns: number
  /** `-o wide`: all columns. */
  wide: boolean
  /** `--quiet`: nothing beside the result itself. */
  quiet: boolean
  /** Milliseconds since 1970; times are shown relative to it. */
  now: number
  paint: Paint
}

/** Turns a command's result into what a person reads. No I/O, nothing remembered, no newline at the end. */
export type View<Result> = (result: Result, terminal: Terminal) => string

/** What `-o name` prints: one name a line. */
export type Names<Result> = (result: Result) => string[]
