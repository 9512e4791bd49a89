import type {Expression, Position, Template} from '../expr/index.ts'

/** A template: YAML with its expressions parsed and its directives understood. `position` is where a node begins. */
export type TemplateNode = {position: Position} & (
  | {k: 'value'; value: unknown}
  | {k: 'text'; template: Template}
  | {k: 'list'; items: TemplateNode[]}
  | {k: 'map'; entries: TemplateEntry[]}
  | Directive
)

export interface TemplateEntry {
  key: string | Template
  keyPosition: Position
  value: TemplateNode
}

/**
 * A map with `$` keys. For each element of `loop`, with `lets` in scope, if `condition` holds: the content.
 * `map` are the map's own fields, `value` the whole (`$value`), `items` elements of the list around it (`$items`).
 */
export interface Directive {
  k: 'directive'
  loop: {key: string | undefined; variable: string; range: Expression} | undefined
  lets: {name: string; expression: Expression}[]
  condition: Expression | undefined
  content: {as: 'map' | 'value'; node: TemplateNode} | {as: 'items'; items: TemplateNode[]}
}

/** One document of `resources/*.yaml`. */
export type TemplateDocument = {position: Position; body: TemplateNode} & (
  | {kind: 'object'; component: string | undefined; task: string | undefined; clusterScope: boolean}
  /** `$part: name`: a value that others read as `parts.name`, no object. */
  | {kind: 'part'; name: string}
)
