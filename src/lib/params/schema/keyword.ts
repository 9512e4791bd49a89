import type {Budget} from '../../expr/index.ts'
import type {Path} from '../json.ts'
import type {ParamSchema} from '../types.ts'
import type {Fault} from './fault.ts'

/** Anything that may stand where JSON Schema wants a schema. */
export type Schema = ParamSchema | boolean

/** One schema looking at one value, as its keywords see it. */
export interface Look {
  schema: ParamSchema
  path: Path
  /** Holds the `$defs` that `$ref: "#/…"` points into. */
  root: ParamSchema
  budget: Budget
  /** Names and indices that this schema, or one beside it that fits, has looked at: what `unevaluated…` leaves alone. */
  seen: Set<string | number>
  /**
   * What another schema says about the same value.
   * @param partial it is one of several that look at an object together, and names a part of its fields
   */
  beside(schema: Schema, partial?: boolean): Fault[]
  /** What a schema says about a part of the value. */
  inside(schema: Schema, part: unknown, step: string | number): Fault[]
}

/** What is wrong with a value of the right type by one keyword, of which the schema says `said`. */
export type Keyword<Value> = (said: unknown, value: Value, look: Look) => Fault[]

export type Keywords<Value> = Readonly<Record<string, Keyword<Value>>>

/** What a keyword says, where it is a list of schemas. */
export function schemasIn(said: unknown): Schema[] {
  return Array.isArray(said) ? said : []
}

/** What a keyword says, where it is schemas (or lists of names) by name. */
export function entriesIn<Entry = Schema>(said: unknown): [string, Entry][] {
  return typeof said === 'object' && said !== null ? Object.entries(said) : []
}
