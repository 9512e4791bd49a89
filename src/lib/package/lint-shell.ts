import {checkExpression, type Expression, referencesIn} from '../expr/index.ts'
import {type Finding, finding} from '../yaml/index.ts'
import {programOf} from './program.ts'
import {typesOf} from './scope.ts'
import type {TemplateNode} from './template.ts'
import type {Package} from './types.ts'

/** Expressions in the script of a `sh -c`: an answer with a blank breaks it, one with `;` runs what it says. */
export function lintShell(pkg: Package): Finding[] {
  const {full} = typesOf(pkg)
  return programOf(pkg)
    .documents.flatMap(({body}) => scripts(body))
    .flatMap(script => {
      if (script.k !== 'text') return []
      const {parts} = script.template
      return parts.flatMap((part, index) => {
        if (!('expression' in part) || isSafe(part.expression)) return []
        const {source, position} = part.expression
        const quoted = `shellQuote(${source.trim()})`
        const before = parts[index - 1]
        // Within quotes of the script they would be quoted twice.
        const bare = before === undefined || ('literal' in before && !/["']\S*$/.test(before.literal))
        const edit = bare ? {was: source, text: quoted} : undefined
        const message = `\`${source.trim()}\` goes into a shell script as it is`
        const fix = `\${${quoted}}, without quotes around it; or an environment variable`
        return [finding('warning', 'shell', position, message, fix, edit)]
      })
    })

  /** Quoted, no text, or a name that Kubernetes has checked. */
  function isSafe(expression: Expression): boolean {
    if (/^\s*shellQuote\s*\(/.test(expression.source)) return true
    const {type} = checkExpression(expression, full)
    const fixed = ['app', 'images', 'provides', 'components', 'files', 'parts']
    return (
      ['int', 'double', 'bool'].includes(type.t) ||
      referencesIn(expression).every(([root = '']) => fixed.includes(root))
    )
  }
}

/** What comes after `sh -c`, in `command` and `args` at any depth. */
function scripts(node: TemplateNode): TemplateNode[] {
  if (node.k === 'list') return node.items.flatMap(scripts)
  if (node.k === 'directive')
    return node.content.as === 'items' ? node.content.items.flatMap(scripts) : scripts(node.content.node)
  if (node.k !== 'map') return []
  const inner = node.entries.flatMap(({value}) => scripts(value))
  const words = ['command', 'args'].flatMap(name => {
    const value = node.entries.find(({key}) => key === name)?.value
    return value?.k === 'list' ? value.items : []
  })
  const textOf = (word: TemplateNode | undefined) => (word?.k === 'value' ? String(word.value) : '')
  const flag = words.findIndex(word => /^-[a-z]*c$/.test(textOf(word)))
  const script = words[flag + 1]
  return flag > 0 && script !== undefined && /(?:^|\/)(?:ba|da|a|k|z)?sh$/.test(textOf(words[flag - 1]))
    ? [...inner, script]
    : inner
}
