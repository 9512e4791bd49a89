/**
 * A plain value (what JSON has) as YAML in blocks, with an end of line: texts without quotes where every reader of 1.1 and 1.2 takes
 * them for texts, those of several lines as `|` blocks. Libraries take five to ten times as long over it.
 */
export function toYaml(value: unknown): string {
  return `${block(value, '').trimStart()}\n`
}

/** What follows a key's colon or a dash, with the blank or the line break before it. */
function block(value: unknown, indent: string): string {
  if (typeof value === 'string') return ` ${scalar(value, indent)}`
  if (typeof value !== 'object' || value === null) return ` ${value}`
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []'
    return value.map(item => `\n${indent}-${nested(item, deeper)}`).join('')
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  if (fields.length === 0) return ' {}'
  // A list stands deeper than its field, as `yaml` writes it.
  return fields.map(([key, field]) => `\n${indent}${scalar(key)}:${block(field, deeper)}`).join('')
}

/** A map or list in a list begins on the line of its dash. */
function nested(value: unknown, indent: string): string {
  const text = block(value, indent)
  return text.startsWith('\n') ? ` ${text.slice(1 + indent.length)}` : text
}

/** @param indent of a block text; without one it is a key, which stands on one line */
function scalar(text: string, indent?: string): string {
  if (unprintable.test(text)) return quoted(text)
  if (!text.includes('\n')) {
    if (!indicator.test(text) && !otherType.test(text)) return text
    return text.includes('"') && !text.includes("'") ? `'${text}'` : quoted(text)
  }
  if (indent === undefined || !/\S/.test(text) || /\n[\t ]+$/.test(text)) return quoted(text)
  const first = /^\n* /.test(text) ? '2' : ''
  const last = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-'
  const lines = text.replace(/\n$/, '').split('\n')
  return `|${first}${last}${lines.map(line => (line === '' ? '\n' : `\n${indent}${line}`)).join('')}`
}

function quoted(text: string): string {
  const escaped = (found: string) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped)
}

const unprintable = /(?![\t\n])\p{Cc}|[\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u
/** Where a plain text would begin or end something else. */
const indicator = /^[\s,[\]{}#&*!|>'"%@`]|^[?-](?:\s|$)|^(?:---|\.\.\.)|:\s|\s#|[\s:]$/
/** What readers of 1.1 or 1.2 take for null, a boolean, a number, a time, a merge. */
const otherType =
  /^(?:~|null|true|false|yes|no|on|off|y|n|=|<<|[-+]?(?:0b[01_]+|0o[0-7]+|0x[\da-f_]+|[\d_]*\.?[\d_]*(?:e[-+]?\d+)?|\.inf|\.nan|\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?)|\d{4}-\d\d?-\d\d?(?:[t\s].*)?)?$/i
