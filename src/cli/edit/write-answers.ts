import type {FieldError} from '../../lib/errors.ts'
import {
  type Answers,
  describeFieldError,
  type FormField,
  fromPointer,
  printAnswer,
  valueAt,
} from '../../lib/params/index.ts'
import {toYaml} from '../../view/yaml.ts'
import {isWithin} from '../form/edit-field.ts'

/**
 * Answers as a file that explains itself: each parameter with its title, help, limits and default in comments. What is not answered is
 * commented out by a `#` without a space after it: taking that away answers it with what stands there.
 */
export function writeAnswers(fields: readonly FormField[], answers: Answers): string {
  const lines: string[] = []
  let group: string | undefined
  for (const field of fields) {
    const path = fromPointer(field.field)
    const answer = valueAt(answers, path)
    if (!field.active && answer === undefined) continue
    if (path.length === 1 && field.group !== group) {
      group = field.group
      if (group !== undefined) lines.push(`# ---- ${group} ----`, '')
    }
    const groups = fields.filter(each => isWithin(field, each)).map(each => fromPointer(each.field))
    const openGroups = groups.filter(each => valueAt(answers, each) !== undefined).length
    const indent = '  '.repeat(path.length - 1)
    lines.push(...remarks(field).map(remark => `${indent}# ${remark}`))
    const key = `${path.at(-1)}`
    const written = field.widget === 'group' ? `${key}:` : toYaml({[key]: answer ?? suggested(field)}).trimEnd()
    // What is commented out begins where its innermost written group does.
    const off = '  '.repeat(openGroups)
    const rest = indent.slice(off.length)
    const out = written.replace(/: (null|"")$/, ':').split('\n')
    lines.push(...out.map(line => (answer === undefined ? `${off}#${rest}${line}` : `${indent}${line}`)))
    if (field.widget !== 'group') lines.push('')
  }
  return lines.join('\n')
}

/** What taking the comment sign away would answer. */
function suggested({secret, kept, default: byDefault, constraints: {examples}}: FormField): unknown {
  if (secret) return kept === true ? {$kept: true} : null
  return byDefault ?? (Array.isArray(examples) ? examples[0] : undefined) ?? null
}

function remarks(field: FormField): string[] {
  const {title, help, required, advanced, immutable, when, active, choices, constraints, secret, kept} = field
  const words = [
    ...(required ? ['required'] : []),
    ...(advanced ? ['advanced'] : []),
    ...(immutable ? ['cannot be changed after the install'] : []),
    ...(active || when === undefined ? [] : [`counts only where ${when}`]),
    ...(secret && kept === true ? ['kept; give another to change it'] : []),
    ...Object.entries(constraints)
      .filter(([word]) => !['examples', 'generate'].includes(word))
      .map(([word, limit]) => `${word} ${typeof limit === 'string' ? limit : JSON.stringify(limit)}`),
    ...(choices === undefined ? [] : [`one of ${choices.map(({value}) => printAnswer('', value)).join(', ')}`]),
    ...(field.default === undefined || secret ? [] : [`default ${printAnswer(field.kind, field.default)}`]),
  ]
  const kind = field.widget === 'group' ? '' : ` (${[field.kind, ...words].join('; ')})`
  return [`${title}${kind}`, ...(help?.split('\n') ?? [])].map(line => line.replace(/\s+/g, ' ').trimEnd())
}

/** The text with what is wrong in it, each above its line. */
export function withErrors(text: string, errors: readonly FieldError[]): string {
  const lines = text.split('\n')
  const placed = errors.map(error => ({error, line: Math.min(error.line ?? 1, lines.length)}))
  return lines
    .flatMap((line, index) => [
      ...placed.filter(each => each.line === index + 1).map(({error}) => `${indentOf(line)}${remarkOf(error)}`),
      line,
    ])
    .join('\n')
}

/** The text without what was said in it: what else looks like that is the person's, such as the first line of a script. */
export function withoutErrors(text: string, said: readonly FieldError[]): string {
  const ours = new Set(said.map(remarkOf))
  return text
    .split('\n')
    .filter(line => !ours.has(line.trim()))
    .join('\n')
}

const remarkOf = ({line: _line, column: _column, ...error}: FieldError): string =>
  `#! ${describeFieldError(error).replace(/\s*\n\s*/g, ' ')}`.trim()

const indentOf = (line: string): string => /^ */.exec(line)?.[0] ?? ''
