import {comparisonsIn, type ExprType, referencesIn, type TypeScope} from '../expr/index.ts'
import {choicesAt} from '../params/index.ts'
import {type Finding, finding} from '../yaml/index.ts'
import {programOf} from './program.ts'
import {typesOf} from './scope.ts'
import type {TemplateNode} from './template.ts'
import type {Package} from './types.ts'

/** Conditions that cannot turn out both ways: what they guard is always there, or never. */
export function lintConditions(pkg: Package): Finding[] {
  const {parser, documents} = programOf(pkg)
  const {full} = typesOf(pkg)
  const impossible = parser.expressions.flatMap(comparisonsIn).flatMap(({path, op, value, position}) => {
    const [root = '', ...name] = path
    const source = path.join('.')
    const outcome = `this is always ${op === '!='}`
    if (value === null && isNeverNull(full, path)) {
      const message = `\`${source}\` is never null: ${outcome}`
      return [finding('warning', 'constant-condition', position, message, 'leave the comparison out')]
    }
    const choices = root === 'params' ? choicesAt(pkg.manifest.parameters, pkg.interfaces, name) : []
    if (choices.length === 0 || value === null || choices.some(choice => String(choice) === String(value))) return []
    const message = `\`${source}\` is never ${JSON.stringify(value)}: ${outcome}`
    return [finding('warning', 'unreachable', position, message, `it is one of ${choices.join(', ')}`)]
  })
  return [...impossible, ...documents.flatMap(({body}) => constants(body))]
}

/** `$if` that reads nothing. */
function constants(node: TemplateNode): Finding[] {
  if (node.k === 'list') return node.items.flatMap(constants)
  if (node.k === 'map') return node.entries.flatMap(({value}) => constants(value))
  if (node.k !== 'directive') return []
  const {condition, content} = node
  const inner = (content.as === 'items' ? content.items : [content.node]).flatMap(constants)
  if (condition === undefined || referencesIn(condition).length > 0 || /[(]/.test(condition.source)) return inner
  const message = `\`${condition.source.trim()}\` reads nothing, so it is always the same`
  return [
    ...inner,
    finding('warning', 'constant-condition', condition.position, message, 'remove $if, or what it guards'),
  ]
}

function isNeverNull(scope: TypeScope, path: readonly string[]): boolean {
  let type: ExprType | undefined = {t: 'object', fields: scope}
  for (const step of path) {
    if (type?.t !== 'object') return false
    type = Object.hasOwn(type.fields, step) ? type.fields[step] : undefined
  }
  return type !== undefined && !['nullable', 'null', 'dyn'].includes(type.t)
}
