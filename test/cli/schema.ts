import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Ajv, type ValidateFunction} from 'ajv'

const folder = join(import.meta.dirname, '../../schemas')
const ajv = new Ajv({strict: false, allErrors: true})
const compiled = new Map<string, ValidateFunction>()

/** Fails unless the document is what `schemas/<kind>.schema.json` says, without a field that it does not name. */
export function expectSchema(kind: string, document: unknown): void {
  const validate =
    compiled.get(kind) ??
    ajv.compile(closed(JSON.parse(readFileSync(join(folder, `${kind}.schema.json`), 'utf8'))) as object)
  compiled.set(kind, validate)
  if (!validate(document)) {
    throw new Error(
      `the document is no ${kind}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(document, null, 2)}`,
    )
  }
}

/** Published schemas let fields be added; what we print must be in them. `allOf` and the like are left open: their parts share fields. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  )
  if (
    copy.type === 'object' &&
    copy.properties !== undefined &&
    copy.additionalProperties === undefined &&
    copy.allOf === undefined
  ) {
    copy.additionalProperties = false
  }
  return copy
}
