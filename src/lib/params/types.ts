import type {FieldError} from '../errors.ts'
import type {Derivation, GenerateSpec, KeyAlgorithm, KeyForm, KeySpec} from '../keys/index.ts'
import type {ReadSource} from './source.ts'

/** One declared parameter: JSON Schema 2020-12 plus berth's own words. Nested schemas in `properties` and `items` have the same shape. */
export interface ParamSchema {
  /** One of the registry of kinds; plain JSON Schema without it. */
  kind?: string
  type?: string | string[]
  title?: string
  description?: string
  default?: unknown
  properties?: Record<string, ParamSchema>
  required?: string[]
  items?: ParamSchema
  /** CEL: the field exists only while this is true. False means null, answer kept, not validated, no secret generated. */
  when?: string
  immutable?: boolean
  advanced?: boolean
  group?: string
  placeholder?: string
  formerly?: string[]
  [keyword: string]: unknown
}

/** The manifest's `parameters`: a JSON Schema of an object; `properties` stand in the form's order. */
export interface ParametersSchema {
  required?: string[]
  properties: Record<string, ParamSchema>
  /** Reusable parts for `$ref: "#/$defs/…"`, and conditions across fields (`allOf`, `dependentRequired`, …). */
  [keyword: string]: unknown
}

/** What a package declares about its parameters; a manifest fits. `let` values read `params`, `app`, `cluster`, `images` and each other. */
export interface Declarations {
  parameters: ParametersSchema
  rules?: Rule[]
  let?: Record<string, string>
}

/** A check across fields: CEL that must be true, the field it is about, and the words. */
export interface Rule {
  check: string
  field: string
  message: string
}

/** How answers for versions below one become answers for it: new values by CEL over `old`, by JSON pointer, and what goes. */
export interface Migration {
  below: string
  set?: Record<string, string>
  remove?: string[]
}

/** What the user said for the parameters: nothing derived, no default, no secret. */
export type Answers = Record<string, unknown>

/** A secret that the revision must hold, under the parameter's name (`password`, or `smtp.password` for a nested one). */
export interface SecretNeed {
  name: string
  source: /** `was`: the name it is kept under now, if the parameter was renamed (`formerly`). */
    | {from: 'kept'; was?: string}
    | {from: 'generate'; spec: GenerateSpec | KeySpec}
    /** Typed, from a file or from the environment: the value, on its way into a Secret and nowhere else. */
    | {from: 'given'; value: string}
    /** One that is optional is empty where the Secret has no such key. */
    | {from: 'secretKey'; namespace: string; secret: string; key: string; optional?: true}
    /** Another spelling of a key that is made or read with it; of `tls`, one that has to be for these hosts. */
    | {from: 'form'; of: string; form: KeyForm; algorithm: KeyAlgorithm; hosts: string[]}
    /** Of another secret: kept as long as that is, because salted hashes differ each time. */
    | {from: 'hash'; of: string; derivation: Derivation; user?: string; was?: string}
}

/** What an answered binding parameter asks for, before any provider has been spoken to. */
export interface BindingNeed {
  /** The parameter's name. */
  parameter: string
  interface: string
  /** Checked against the interface's request schema. */
  request: Record<string, unknown>
  provider: ProviderAnswer
}

export type ProviderAnswer =
  | {$app: string; endpoint?: string}
  | {$service: string}
  /** A service that was looked up: an address that somebody said once, for all. */
  | {$service: string; namespace: string; $literal: Record<string, unknown>}
  | NewProvider
  /** The interface's outputs, said outright; secret ones are among the {@link SecretNeed}s as `<parameter>.<output>`. */
  | {$literal: Record<string, unknown>}

/** An app to install first: a package of a repository; its name is made of the consumer's and the parameter's without `name`. */
export interface NewProvider {
  $new: string
  name?: string
  /** The consumer's without. */
  namespace?: string
  /** To the parameters of that package. */
  answers?: Answers
}

/** A volume claim that a parameter stands for. */
export interface VolumeNeed {
  parameter: string
  /** The claim's name as templates see it: `.claim`. */
  claim: string
  size: string
  class: string | undefined
  access: string[]
  /** An existing claim that is used instead of a new one. */
  existing: string | undefined
}

/** A Secret with `tls.key`, `tls.crt` and `ca.crt` that a `tls` key stands for: of what berth keeps, or as cert-manager writes it. */
export type CertificateNeed = {parameter: string; secret: string} | IssuedNeed

/** One that cert-manager makes and renews: by whom (`Issuer/name`, `ClusterIssuer/name`), and for which hosts. */
export interface IssuedNeed {
  parameter: string
  secret: string
  issuer: string
  hosts: string[]
}

/** The outputs of a binding as far as they are known: plain values, and the names of secret ones (values live in the revision's Secret). */
export interface BindingValue {
  outputs: Record<string, unknown>
  /** Output names that are secret: in the revision's Secret under `<parameter>.<output>`. */
  secrets: string[]
}

/** A value that apps share, as answers refer to it: `{$value: name}`. */
export type SharedValue =
  | {namespace: string; text: string}
  /** A key of a Secret: the value goes from there into the revision's Secret, and nowhere else. */
  | {namespace: string; secret: string; key: string}

/** A provider outside the cluster, as answers refer to it: `{$service: name}`. */
export interface SharedService {
  namespace: string
  interface: string
  outputs: Record<string, unknown>
  /** Names of the secret outputs that were said; they stand under these names in a Secret. */
  secrets: string[]
  secret: string
  /** What is said of it is its administrator's: a package's scripts make something there for each app, as at a provider that is an app. */
  grants?: true
}

/** What was looked up, or why it could not be. */
export type Found<T> = T | {problem: string}

/** What apps share, as far as the answers refer to it, by name. */
export interface Shared {
  values: Record<string, Found<SharedValue>>
  services: Record<string, Found<SharedService>>
}

/** What validation and defaults may look up besides the answers. */
export interface ResolveContext {
  app: {name: string; namespace: string; revision: number}
  cluster: ClusterScope
  images: Record<string, string>
  /** Secret names that the app's current revision holds: kept, never generated again. */
  kept: ReadonlySet<string>
  /** Of what is kept, what everybody may see: public halves of keys, certificates; by the names that they are kept under. */
  published?: Readonly<Record<string, string>>
  /** The present answers, to refuse changes of immutable fields. */
  previous?: Answers
  /** What the present answers referred to, as it was then. */
  previousShared?: Shared
  /** What the present answers were given for: immutable fields that are new in this version may still be answered. */
  previousParameters?: ParametersSchema
  /** Known outputs per binding parameter; what is missing is shown as known later. */
  bindings: Record<string, BindingValue>
  shared?: Shared
  /** Interfaces that the package or its repository adds to the built-in ones, by name. */
  interfaces: Interfaces
  /** What requests of bindings may read besides: `provides` in expressions, once `params` and `let` are known. */
  provides?: (params: Record<string, unknown>, lets: Record<string, unknown>) => Record<string, unknown>
  /** Reads `{$file: …}` and `{$env: …}` of secret answers; comes from the edge. */
  read: ReadSource
  /** Name of the Secret (a member of the app) that `.ref` of secrets points at. */
  secretName: string
}

export interface ClusterScope {
  domain: string
  kubernetes: string
  ingressClass: string | null
  storageClass: string | null
}

/** Two JSON Schemas that provider and consumer share, and how outputs come about. */
export interface InterfaceSchema {
  name: string
  title?: string
  /** False: outputs cannot be said outright as `{$literal: …}`. */
  literal?: boolean
  /** What a consumer puts there is lost to it elsewhere: a binding cannot just point at another provider. */
  stateful?: boolean
  request: Record<string, ParamSchema>
  outputs: Record<string, OutputSchema>
}

/** The interfaces in reach, by name. */
export type Interfaces = Readonly<Record<string, InterfaceSchema>>

export interface OutputSchema {
  type?: string
  /** Texts that it can be. */
  enum?: string[]
  secret?: boolean
  /** Generated by berth per consumer, kept in the consumer's revision and given to the provider's `ensure` on stdin. */
  generate?: GenerateSpec
  /** From the provider's endpoint (`host`, `port`, `url`) without asking its script. */
  endpoint?: 'host' | 'port' | 'url'
  /** CEL over the other outputs: `"postgres://" + urlEncode(user) + …`. */
  value?: string
  optional?: boolean
}

/** Answers taken apart: what is stored, what templates see, what must be made. Complete only where `errors` is empty. */
export interface Resolution {
  errors: FieldError[]
  /** What is kept on the anchor. */
  answers: Answers
  /** `params` in expressions. */
  params: Record<string, unknown>
  /** `let` names in expressions. */
  lets: Record<string, unknown>
  secrets: SecretNeed[]
  bindings: BindingNeed[]
  volumes: VolumeNeed[]
  certificates: CertificateNeed[]
  picks: Picked[]
}

/** One field of a form, flat and in order: enough to draw it anywhere. */
export interface FormField {
  /** JSON pointer. */
  field: string
  title: string
  help?: string
  kind: string
  /** `group`: a nested object; its fields follow. Where it is not required, the whole of it may be left out. */
  widget:
    | 'group'
    | 'text'
    | 'multiline'
    | 'number'
    | 'boolean'
    | 'choice'
    | 'password'
    | 'list'
    | 'dictionary'
    | 'binding'
    | 'volume'
    | 'file'
  required: boolean
  advanced: boolean
  group?: string
  default?: unknown
  placeholder?: string
  constraints: Record<string, unknown>
  choices?: Choice[]
  /** CEL condition, as written. */
  when?: string
  immutable: boolean
  /** Does its condition (and that of what it is in) hold with the present answers? */
  active: boolean
  /** Its value is a secret: not echoed, not shown. */
  secret: boolean
  /** Present answer, never of a secret. */
  answer?: unknown
  /** A secret is kept already: leaving it alone keeps it. */
  kept?: boolean
  /**
   * Of lists and dictionaries: the fields of one entry, its own first; pointers have `-` for the entry. Of bindings: the parts of an
   * address said outright, below `$literal`.
   */
  item?: FormField[]
}

/** A choice of a form. */
export interface Choice {
  value: unknown
  title: string
  help?: string
  /** What else is asked where it is chosen: of a package to install, its fields, with pointers below `answers` of the field. */
  item?: FormField[]
}

/** Something in the cluster: its name, labels, annotations and, where berth may show it, the rest of the object. */
export interface ClusterItem {
  name: string
  /** Of storage classes: what volumes get that name none. */
  default?: boolean
  [field: string]: unknown
}

/** A name in the answers that has to be one of the cluster's. */
export interface Picked {
  field: string
  name: string
  from: string
  /** CEL over `item`. */
  where?: string
}

/** A kind that a package adds: another one, or plain JSON Schema, with more to say. */
export interface CustomKind {
  title?: string
  description?: string
  extends?: string
  schema?: ParamSchema
  /** CEL over `value`. */
  check?: string
  message?: string
  choices?: {from: string; where?: string}
}

/** The cluster's part of choices, asked only when a form or a check needs it. */
export interface ChoiceLookup {
  /** Undefined where they may not be listed. */
  items(from: string): Promise<ClusterItem[] | undefined>
  /** Apps that provide an interface. */
  providers(interfaceName: string): Promise<{ref: string; title: string; endpoint: string}[]>
  /** Names of services that speak an interface. */
  services(interfaceName: string): Promise<string[]>
  /** A package that could be installed for the field of this pointer; undefined where no repository has it. */
  installable(reference: string, field: string, interfaceName: string): Promise<Omit<Choice, 'value'> | undefined>
}
