import type {ExprType} from '../../expr/index.ts'
import type {Path} from '../pointer.ts'
import type {Fault} from '../schema/fault.ts'
import type {
  Answers,
  BindingNeed,
  ChoiceLookup,
  FormField,
  InterfaceSchema,
  ParamSchema,
  ResolveContext,
  SecretNeed,
  VolumeNeed,
} from '../types.ts'

/** The interfaces in reach, by name. */
export type Interfaces = Readonly<Record<string, InterfaceSchema>>

/** A choice of a form. */
export type Choice = NonNullable<FormField['choices']>[number]

/**
 * A kind of parameter, richer than JSON Schema. A new kind is a module that exports one of these and a line in `kinds/index.ts`; what
 * is optional here has a sensible meaning when it is missing.
 */
export interface Kind {
  readonly name: string
  readonly widget: FormField['widget']
  /** JSON Schema of an answer in its long form; the author's own constraints are in `param`. */
  schema(param: ParamSchema, interfaces: Interfaces): ParamSchema
  /** What templates see when it is not null. */
  type(param: ParamSchema, interfaces: Interfaces): ExprType
  /** Its answers may hold a secret: they are never shown, and no error says what was given. */
  readonly secret?: true
  /** Reads the short form of flags, forms and answers files. Without it, text is an answer like any other. */
  parse?(text: string, param: ParamSchema, interfaces: Interfaces): {answer: unknown} | {problem: string}
  /** Writes an answer in its short form, as lists and summaries show it. Without it, JSON. */
  print?(answer: unknown): string
  /** An answer that is said part by part, and the key that it stands under: a binding's `$literal`. */
  outright?(param: ParamSchema, interfaces: Interfaces): {key: string; schema: ParamSchema} | undefined
  /** Has a value without answer and default: a secret is generated. */
  fills?(param: ParamSchema): boolean
  /** Adds what the cluster offers; static choices (`enum`, `oneOf`) are found without it. */
  choices?(param: ParamSchema, lookup: ChoiceLookup): Promise<Choice[]>
  /** What is wrong with a declaration, for lint. */
  faults?(param: ParamSchema, interfaces: Interfaces): string[]
  /** Refuses a change of the answer of an installed app. */
  change?(before: unknown, after: unknown): Pick<Fault, 'code' | 'message'> | undefined
  /** Takes an answer that fits {@link schema} apart. Without it, templates see the answer itself. */
  resolve?(field: KindField): KindResult | Promise<KindResult>
}

/** A parameter with a kind, about to be resolved. */
export interface KindField {
  /** Dotted name: `smtp.password`. */
  name: string
  path: Path
  param: ParamSchema
  required: boolean
  /** Undefined: neither answered nor defaulted. */
  answer: unknown
  context: ResolveContext
  interfaces: Interfaces
}

/** What becomes of an answer. */
export interface KindResult {
  faults?: Fault[]
  /** What is kept on the anchor, if not the answer as it was given; `undefined` keeps nothing. */
  stored?: {answer: Answers[string]}
  /** What templates see; null when unset. */
  value: unknown
  secrets?: SecretNeed[]
  bindings?: BindingNeed[]
  volumes?: VolumeNeed[]
}

/** Keywords of a parameter that constrain plain values and stay in force in a kind's schema. */
export function constraintsOf(param: ParamSchema, names: readonly string[]): ParamSchema {
  return Object.fromEntries(names.filter(name => param[name] !== undefined).map(name => [name, param[name]]))
}

export const textConstraints = ['minLength', 'maxLength', 'pattern', 'format', 'enum', 'const', 'oneOf', 'examples']
