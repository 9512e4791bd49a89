import type {Path} from '../pointer.ts'
import type {ParamSchema} from '../types.ts'
import type {Fault} from './fault.ts'

/** What a check carries through a schema. */
export interface Checking {
  /** Holds the `$defs` that `$ref: "#/…"` points into. */
  root: ParamSchema
  /**
   * Turns berth's schema into plain JSON Schema: kinds, and objects that take no other fields than they name.
   * @param partial the schema is one of several that look at the same object (`allOf`, `if`): it names a part of the fields
   */
  expand: (schema: ParamSchema, partial: boolean) => ParamSchema
  partial: boolean
  /** `$ref`s followed without a step into the value: bounds a schema that refers to itself. */
  jumps: number
  /** Checks against a subschema. Handed down, so that the keyword modules need not import the whole. */
  check(schema: ParamSchema | boolean, value: unknown, path: Path, checking: Checking): Fault[]
}
