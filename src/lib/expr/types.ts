/**
 * The type of an expression's value, as our checker sees it. `dyn` is what cannot be known (a free-form object from an answer); it
 * fits everywhere and is checked at evaluation.
 */
export type ExprType =
  | {t: 'null' | 'bool' | 'int' | 'double' | 'string' | 'secret' | 'bytes' | 'duration' | 'dyn'}
  | {t: 'list'; of: ExprType}
  | {t: 'map'; of: ExprType}
  /** Known fields: selecting another is an error with "did you mean". */
  | {t: 'object'; fields: Record<string, ExprType>}
  /** May be null: a guard (`x != null`, `has(x)`, ternary, `&&`) must come before its use. */
  | {t: 'nullable'; of: ExprType}
  /** What `omit()` gives: the field or element goes. Only expressions have it, scopes never. */
  | {t: 'omit'}

/** The names in scope and their types. */
export type TypeScope = Record<string, ExprType>

/** The names in scope and their values: plain JSON values; integers as `number` or `bigint` (they stay integers), secrets as {@link SecretToken}. */
export type Scope = Record<string, unknown>

/** Where a piece of a file stands, 1-based. */
export interface Position {
  file: string
  line: number
  column: number
}

/** Maps an offset in a scalar's text to where it stands in the file. Needed for block and folded scalars; see {@link inlineLocator}. */
export type Locator = (offset: number) => Position

/** A fault in an expression or template: what is wrong, where, and what to write instead. */
export interface Problem {
  position: Position
  /** Stable rule name: `unknown-name`, `type-mismatch`, `unguarded-null`, `syntax`, … */
  rule: string
  message: string
  expression?: string
  fix?: string
}
