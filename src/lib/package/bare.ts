import {type Expression, type Position, parseExpression, parseTemplate, type Template} from '../expr/index.ts'
import {collect, finding} from './errors.ts'
import type {Directive} from './template-tree.ts'
import type {Finding} from './types.ts'
import type {YamlEntry} from './yaml.ts'

/** `x in expr` or `k, v in expr`: of a list the element, or index and element; of a map the key, or key and value. */
export function parseLoop(entry: YamlEntry | undefined, findings: Finding[]): Directive['loop'] {
  const text = bareText(entry, findings)
  if (entry === undefined || text === undefined) return undefined
  const match = /^(\s*(?:([A-Za-z_]\w*)\s*,\s*)?([A-Za-z_]\w*)\s+in\s+)([\s\S]+)$/.exec(text.value)
  const [, head = '', key, variable, source] = match ?? []
  if (variable === undefined || source === undefined) {
    findings.push(
      finding(
        'error',
        'directive',
        entry.value.position,
        `$for is ${JSON.stringify(text.value)}`,
        '$for: x in expression, or $for: key, value in expression',
      ),
    )
    return undefined
  }
  const range = expression(source, text.locate(head.length), offset => text.locate(head.length + offset), findings)
  return range === undefined ? undefined : {key, variable, range}
}

export function parseLets(entry: YamlEntry | undefined, findings: Finding[]): Directive['lets'] {
  if (entry === undefined) return []
  if (entry.value.kind !== 'map') {
    findings.push(finding('error', 'directive', entry.value.position, '$let takes a map', '$let: {name: expression}'))
    return []
  }
  return entry.value.entries.flatMap(binding => {
    if (!/^[A-Za-z_]\w*$/.test(binding.key)) {
      findings.push(
        finding(
          'error',
          'directive',
          binding.keyPosition,
          `${JSON.stringify(binding.key)} is no name`,
          'letters, digits and _',
        ),
      )
      return []
    }
    const parsed = bare(binding, findings)
    return parsed === undefined ? [] : [{name: binding.key, expression: parsed}]
  })
}

/** A value that is CEL without `${}`. YAML has made numbers and booleans of some: their source is CEL as well. */
export function bare(entry: YamlEntry | undefined, findings: Finding[]): Expression | undefined {
  const text = bareText(entry, findings)
  return text === undefined ? undefined : expression(text.value, text.locate(0), text.locate, findings)
}

function bareText(entry: YamlEntry | undefined, findings: Finding[]) {
  if (entry === undefined) return undefined
  const node = entry.value
  if (node.kind !== 'scalar') {
    findings.push(
      finding(
        'error',
        'directive',
        node.position,
        `${entry.key} takes an expression`,
        node.kind === 'map' ? 'quote it: YAML reads { as a map' : 'quote it: YAML reads [ as a list',
      ),
    )
    return undefined
  }
  const value = typeof node.value === 'string' ? node.value : node.source
  if (/^\s*\$\{[\s\S]*\}\s*$/.test(value)) {
    findings.push(
      finding(
        'error',
        'directive',
        node.position,
        `${entry.key} takes a bare expression, without \${}`,
        `${entry.key}: ${value.trim().slice(2, -1)}`,
      ),
    )
    return undefined
  }
  return {value, locate: node.locate}
}

export function expression(
  source: string,
  position: Position,
  locate: (offset: number) => Position,
  findings: Finding[],
): Expression | undefined {
  let result: Expression | undefined
  collect(findings, () => {
    result = parseExpression(source, position, locate)
  })
  return result
}

export function textTemplate(
  text: string,
  position: Position,
  locate: (offset: number) => Position,
  findings: Finding[],
): Template | undefined {
  let result: Template | undefined
  collect(findings, () => {
    result = parseTemplate(text, position, locate)
  })
  return result
}
