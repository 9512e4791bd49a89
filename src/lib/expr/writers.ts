import {iniValue, jsonEscape} from './encodings.ts'
import {Fault} from './run.ts'
import {hasSecret, pendingToken, splitSecrets} from './secrets.ts'
import type {Plain} from './values.ts'

// The formats that applications read their settings in. Written by hand, because a secret in them must stay a token: the escaping that
// its value will need is left pending on it. Output depends on the value alone: sorted keys, no line folding.

/** Compact JSON, or indented with `indent` spaces. */
export function toJson(value: Plain, indent = 0, level = 1): string {
  if (typeof value === 'string') return jsonString(value)
  if (typeof value !== 'object' || value === null) return number(value)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Array.isArray(value)
    ? value.map(item => toJson(item, indent, level + 1))
    : Object.entries(value).map(
        ([key, entry]) => `${jsonString(key)}:${indent > 0 ? ' ' : ''}${toJson(entry, indent, level + 1)}`,
      )
  if (parts.length === 0 || indent === 0) return `${open}${parts.join(',')}${close}`
  const line = `\n${' '.repeat(indent * level)}`
  return `${open}${line}${parts.join(`,${line}`)}\n${' '.repeat(indent * (level - 1))}${close}`
}

/** Block style YAML that reads the same in YAML 1.1 and 1.2; ends with a line break. */
export function toYaml(value: Plain): string {
  return `${yamlBlock(value, '').replace(/^\n/, '')}\n`
}

function yamlBlock(value: Plain, indent: string): string {
  if (Array.isArray(value))
    return value.length === 0
      ? ' []'
      : value.map(item => `\n${indent}-${yamlNested(item, `${indent}  `, true)}`).join('')
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    return entries.length === 0
      ? ' {}'
      : entries
          .map(([key, entry]) => `\n${indent}${yamlScalar(key)}:${yamlNested(entry, `${indent}  `, false)}`)
          .join('')
  }
  return ` ${typeof value === 'string' ? yamlScalar(value) : number(value)}`
}

/** A map in a list begins on the line of its dash. */
function yamlNested(value: Plain, indent: string, inList: boolean): string {
  const text = yamlBlock(value, indent)
  return inList && text.startsWith('\n') ? ` ${text.slice(1 + indent.length)}` : text
}

/** Plain only where no reader of any version takes it for something else. */
function yamlScalar(text: string): string {
  const plainWord =
    /^[A-Za-z_/][A-Za-z0-9_/.-]*(?: [A-Za-z0-9_/.-]+)*$/.test(text) &&
    !/^(?:true|false|yes|no|on|off|y|n|null)$/i.test(text)
  return plainWord ? text : jsonString(text)
}

/** `key=value` lines, then a `[section]` for each value that is a map. Null is left out. */
export function toIni(value: Plain): string {
  const entries = Object.entries(table(value, 'toIni'))
  const top = entries.filter(([, entry]) => !isTable(entry))
  const sections = entries.filter(([, entry]) => isTable(entry))
  const blocks = [
    iniLines(top),
    ...sections.map(([name, entry]) => `[${iniName(name)}]\n${iniLines(Object.entries(table(entry, 'toIni')))}`),
  ]
  return blocks.filter(block => block !== '').join('\n')
}

function iniLines(entries: [string, Plain][]): string {
  return entries
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${iniName(key)}=${iniScalar(key, value)}\n`)
    .join('')
}

function iniScalar(key: string, value: Plain): string {
  if (typeof value === 'object')
    throw new Fault(`toIni: ${key} is a list or a map inside a section`, 'join a list: params.hosts.join(",")')
  if (typeof value !== 'string') return number(value)
  return hasSecret(value) ? pendingToken('iniValue', value) : iniValue(value)
}

function iniName(name: string): string {
  if (!/^[^\s[\]=;#"\\](?:[^[\]=;#"\\\n\r]*[^\s[\]=;#"\\])?$/.test(name))
    throw new Fault(`toIni: ${JSON.stringify(name)} cannot be a name in an ini file`, 'use letters, digits, dots')
  return name
}

/** TOML 1.0: values first, then `[tables]`. Null is left out; a list of maps is a list of inline tables. */
export function toToml(value: Plain): string {
  return tomlTable(table(value, 'toToml'), []).join('\n')
}

function tomlTable(value: Record<string, Plain>, path: string[]): string[] {
  const entries = Object.entries(value).filter(([, entry]) => entry !== null)
  const lines = entries
    .filter(([, entry]) => !isTable(entry))
    .map(([key, entry]) => `${tomlKey(key)} = ${tomlValue(entry)}\n`)
  const nested = entries.flatMap(([key, entry]) => (isTable(entry) ? tomlTable(entry, [...path, tomlKey(key)]) : []))
  const header = path.length > 0 && (lines.length > 0 || nested.length === 0) ? `[${path.join('.')}]\n` : ''
  const own = `${header}${lines.join('')}`
  return own === '' ? nested : [own, ...nested]
}

function tomlValue(value: Plain): string {
  if (typeof value === 'string') return jsonString(value)
  if (typeof value === 'number' && Number.isInteger(value)) return `${value}.0`
  if (value === null)
    throw new Fault('toToml: null in a list, which TOML does not have', 'filter it out: xs.filter(x, x != null)')
  if (typeof value !== 'object') return number(value)
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`
  const entries = Object.entries(value).filter(([, entry]) => entry !== null)
  return `{${entries.map(([key, entry]) => `${tomlKey(key)} = ${tomlValue(entry)}`).join(', ')}}`
}

function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : jsonString(key)
}

function jsonString(text: string): string {
  return `"${splitSecrets(text, jsonEscape, token => pendingToken('jsonEscape', token))}"`
}

function number(value: bigint | number | boolean | null): string {
  return String(value)
}

function isTable(value: Plain): value is Record<string, Plain> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function table(value: Plain, name: string): Record<string, Plain> {
  if (!isTable(value)) throw new Fault(`${name} takes a map`, `${name}({"key": value})`)
  return value
}
