/** The part of JSON Schema 2020-12 that our own files are described in: {@link readYaml} knows no more (a test compares it with ajv). */
export interface JsonSchema {
  $schema?: string
  $id?: string
  title?: string
  description?: string
  type?: 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'null'
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly JsonSchema[]
  properties?: Readonly<Record<string, JsonSchema>>
  required?: readonly string[]
  additionalProperties?: JsonSchema | false
  propertyNames?: {pattern: string; maxLength?: number}
  items?: JsonSchema
  minItems?: number
  uniqueItems?: boolean
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  default?: unknown
  examples?: readonly unknown[]
}

declare const described: unique symbol

/** A JSON Schema, and the type of the values that fit it. */
export type Schema<T = unknown> = JsonSchema & {readonly [described]?: T}

/** What {@link readYaml} gives for a schema. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never

type Fields = Readonly<Record<string, Schema>>
type Filled = {default: unknown}
type OptionalOf<F extends Fields> = {[K in keyof F as F[K] extends Filled ? never : K]?: TypeOf<F[K]>} & {
  [K in keyof F as F[K] extends Filled ? K : never]: TypeOf<F[K]>
}
type ObjectOf<R extends Fields, O extends Fields> = {[K in keyof R]: TypeOf<R[K]>} & OptionalOf<O>

/** Rules besides the type. `default` fills what is left out, so its field is always there. */
type Rules = Omit<JsonSchema, 'type' | 'default'>

export const text = (rules: Rules = {}): Schema<string> => ({type: 'string', minLength: 1, ...rules})
export const truth: Schema<boolean> = {type: 'boolean'}
export const nothing: Schema<null> = {type: 'null'}
export const integer = (minimum: number, maximum: number, rules: Rules = {}): Schema<number> => ({
  type: 'integer',
  minimum,
  maximum,
  ...rules,
})
export const constant = <const T>(value: T): Schema<T> => ({const: value})
export const choice = <const T extends string>(...values: T[]): Schema<T> => ({type: 'string', enum: values})
export const either = <S extends Schema[]>(...schemas: S): Schema<TypeOf<S[number]>> => ({anyOf: schemas})
/** A map of anything, for another to look at. */
export const anything: Schema<Record<string, unknown>> = {type: 'object'}

export const list = <T>(items: Schema<T>, rules: Rules = {}): Schema<T[]> => ({type: 'array', items, ...rules})

/** A map whose keys are names of the author's. */
export const record = <T>(value: Schema<T>, names?: JsonSchema['propertyNames']): Schema<Record<string, T>> => ({
  type: 'object',
  ...(names === undefined ? {} : {propertyNames: names}),
  additionalProperties: value,
})

/** A map of known fields. */
export const object = <R extends Fields, O extends Fields>(required: R, optional: O): Schema<ObjectOf<R, O>> => ({
  type: 'object',
  ...(Object.keys(required).length === 0 ? {} : {required: Object.keys(required)}),
  additionalProperties: false,
  properties: {...required, ...optional},
})

/** The same, with what stands there where nothing is written. */
export const filled = <T>(schema: Schema<T>, value: NoInfer<T>): Schema<T> & Filled => ({...schema, default: value})
