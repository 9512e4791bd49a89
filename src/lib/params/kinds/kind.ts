import type {ExprType} from '../../expr/index.ts'
import type {Path} from '../json.ts'
import type {Fault} from '../schema/fault.ts'
import type {
  BindingNeed,
  CertificateNeed,
  Choice,
  ChoiceLookup,
  FormField,
  Interfaces,
  ParamSchema,
  Picked,
  ResolveContext,
  SecretNeed,
  VolumeNeed,
} from '../types.ts'

/**
 * A kind of parameter, richer than JSON Schema. A new kind is a module that exports one of these and a line in `kinds/index.ts`; what
 * is optional here has a sensible meaning when it is missing. Kinds that are a text of some form are made by `textKind`.
 */
export interface Kind {
  readonly name: string
  readonly widget: FormField['widget']
  /** Words of a schema that only this kind understands. */
  readonly words?: readonly string[]
  /** An answer to try a package with; undefined where it has a value without one. */
  readonly example?: unknown
  /** JSON Schema of an answer in its long form; the author's own constraints are in `param`. */
  schema(param: ParamSchema, interfaces: Interfaces): ParamSchema
  /** What templates see when it is not null. */
  type(param: ParamSchema, interfaces: Interfaces): ExprType
  /** Its answers may hold a secret: they are never shown, and no error says what was given. */
  readonly secret?: true
  /** What it makes is kept under the parameter's name, so it cannot be an entry of a list. */
  readonly named?: true
  /** Reads the short form of flags, forms and answers files. Without it, text is an answer like any other. */
  parse?(text: string, param: ParamSchema, interfaces: Interfaces): {answer: unknown} | {problem: string}
  /** Writes an answer in its short form, as lists and summaries show it. Without it, JSON. */
  print?(answer: unknown): string
  /** An answer that is said part by part, and the key that it stands under: a binding's `$literal`. */
  outright?(param: ParamSchema, interfaces: Interfaces): {key: string; schema: ParamSchema} | undefined
  /** Has a value without answer and default: a secret is generated. */
  fills?(param: ParamSchema): boolean
  /** Made of other parameters alone: nobody is asked, and it is null where those are. */
  derived?(param: ParamSchema): boolean
  /** A value with `${}` that has to be worked out before it is resolved. */
  input?(param: ParamSchema): unknown
  /** It is the name of one of these. */
  readonly from?: string
  /** What of the cluster's an answer names, where it may name one. */
  picks?(answer: unknown): Pick<Picked, 'name' | 'from'> | undefined
  /** Adds what the cluster offers for the field of a pointer; static choices (`enum`, `oneOf`) are found without it. */
  choices?(param: ParamSchema, lookup: ChoiceLookup, field: string): Promise<Choice[]>
  /** What is wrong with a declaration, for lint. */
  faults?(param: ParamSchema, interfaces: Interfaces): string[]
  /** What to say of a required answer that is missing, after `is required`. */
  missing?(param: ParamSchema): string
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
  /** Undefined: neither answered nor defaulted. */
  answer: unknown
  /** What {@link Kind.input} came to; undefined out of sight. */
  input?: unknown
  context: ResolveContext
  interfaces: Interfaces
}

/** What becomes of an answer. */
export interface KindResult {
  faults?: Fault[]
  /** What is kept on the anchor, if not the answer as it was given; `undefined` keeps nothing. */
  stored?: {answer: unknown}
  /** What templates see; null when unset. */
  value: unknown
  secrets?: SecretNeed[]
  bindings?: BindingNeed[]
  volumes?: VolumeNeed[]
  certificates?: CertificateNeed[]
}
