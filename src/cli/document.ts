import type {ErrorCode} from '../lib/error-codes.ts'
import {toYaml} from '../view/yaml.ts'

/** A form of output that a program reads; everything else is for a person. */
export type MachineFormat = 'json' | 'yaml'

/** What `--json` prints when the command worked. */
export interface ResultDocument<Kind extends string = string, Result = unknown> {
  apiVersion: 'berth.dev/v1'
  kind: Kind
  status: 'ok'
  result: Result
  warnings: string[]
}

/** What `--json` prints on every failure. */
export interface ErrorDocument {
  apiVersion: 'berth.dev/v1'
  kind: 'Error'
  status: 'error'
  error: {
    code: ErrorCode
    exitCode: number
    message: string
    /** Evidence, as the error's code has it: field errors, users of an app, a plan. */
    details?: unknown
    /** What to do next, commands to paste among it. */
    hint: string[]
  }
  warnings: string[]
}

export function resultDocument<Result>(
  kind: string,
  result: Result,
  warnings: string[],
): ResultDocument<string, Result> {
  return {apiVersion: 'berth.dev/v1', kind, status: 'ok', result, warnings}
}

/** One document as text, with its newline. */
export function serialize(document: ResultDocument | ErrorDocument, format: MachineFormat, oneLine = false): string {
  const json = JSON.stringify(document, plain, oneLine || format === 'yaml' ? undefined : 2)
  return format === 'json' ? `${json}\n` : `---\n${toYaml(JSON.parse(json))}`
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  return value
}

/**
 * Which machine format the arguments ask for, read without the parser: a wrong flag or an unknown command must still end in one
 * document.
 */
export function machineFormatOf(argv: string[]): MachineFormat | undefined {
  const end = argv.indexOf('--')
  const flags = end === -1 ? argv : argv.slice(0, end)
  let format: MachineFormat | undefined
  flags.forEach((argument, i) => {
    if (argument === '--json') format = 'json'
    const value =
      argument === '-o' || argument === '--output' ? flags[i + 1] : argument.match(/^(?:--output=|-o=?)(.+)$/)?.[1]
    if (value === 'json' || value === 'yaml') format = value
  })
  return format
}
