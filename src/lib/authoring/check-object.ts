import {didYouMean} from '../nearest.ts'
import type {ManifestObject, ObjectFault} from '../package/index.ts'
import type {Shapes} from './shapes.ts'

/** What of an object the API server would refuse, or drop without a word. */
export function checkObject(object: ManifestObject, {kinds, types, version}: Shapes): ObjectFault[] {
  const {apiVersion, kind} = object
  const faults: ObjectFault[] = []
  const name = kinds[`${apiVersion} ${kind}`]
  if (name !== undefined) check(object, `#${name}`, [])
  else faults.push(...unknownKind(object, kinds, version))
  return faults

  function check(value: unknown, type: string, path: readonly string[]): void {
    // Kubernetes takes null as "not there".
    if (type === '*' || value === null || value === undefined) return
    const rest = type.slice(1)
    if (type[0] === '[' && Array.isArray(value))
      for (const [index, item] of value.entries()) check(item, rest, [...path, String(index)])
    else if (type[0] === '{' && isMap(value))
      for (const [key, item] of Object.entries(value)) check(item, rest, [...path, key])
    else if (type[0] === '#' && isMap(value)) checkFields(value, types[rest] ?? {'...': '*'}, path)
    else if (type[0] === '=' && typeof value === 'string') {
      const options = rest.split('|')
      if (options.includes(value)) return
      const fix = didYouMean(value, options) ?? `one of ${options.join(', ')}`
      faults.push({
        path,
        rule: 'wrong-value',
        message: `is ${JSON.stringify(value)}, not one of ${options.join(', ')}`,
        fix,
      })
    } else if (!isScalar(value, type)) {
      const message = `is ${nameOf(value)}, not ${typeNames[type[0] ?? '']}`
      faults.push({path, rule: 'wrong-type', message, ...typeFix(value, type)})
    }
  }

  function checkFields(value: object, fields: Record<string, string>, path: readonly string[]): void {
    const known = new Map(Object.entries(fields).map(([name, type]) => [name.replace(/!$/, ''), type]))
    for (const [key, inner] of Object.entries(value)) {
      const type = known.get(key) ?? fields['...']
      if (type !== undefined) check(inner, type, [...path, key])
      else {
        const names = [...known.keys()]
        const fix = didYouMean(key, names) ?? `known: ${names.sort().slice(0, 40).join(', ')}`
        faults.push({path: [...path, key], rule: 'unknown-field', message: 'is no field of Kubernetes', fix})
      }
    }
    for (const field of Object.keys(fields)) {
      const name = field.slice(0, -1)
      if (
        !field.endsWith('!') ||
        (Object.hasOwn(value, name) && Object.entries(value).some(([key, it]) => key === name && it !== null))
      )
        continue
      faults.push({
        path,
        rule: 'missing-field',
        message: `has no ${name}, which Kubernetes requires`,
        fix: `add ${name}`,
      })
    }
  }
}

/** Of groups that we know all kinds of; what others serve, only a cluster can say. */
function unknownKind({apiVersion, kind}: ManifestObject, kinds: Shapes['kinds'], version: string): ObjectFault[] {
  const group = (of: string) => (of.includes('/') ? of.slice(0, of.indexOf('/')) : '')
  const known = Object.keys(kinds).map(each => each.split(' ') as [string, string])
  const served = known.filter(([of]) => group(of) === group(apiVersion))
  // Only Kubernetes' own groups have no dot in their name: one that it does not serve was taken out of it.
  if (served.length === 0 && group(apiVersion).includes('.')) return []
  const [elsewhere] = known.filter(([, name]) => name === kind)
  const fix = elsewhere
    ? `apiVersion: ${elsewhere[0]}`
    : (didYouMean(
        kind,
        served.map(([, name]) => name),
      ) ?? `kinds of it: ${[...new Set(served.map(([, name]) => name))].join(', ') || 'none'}`)
  return [
    {
      path: ['apiVersion'],
      rule: 'unknown-kind',
      message: `is ${apiVersion}, where Kubernetes ${version} serves no ${kind}`,
      fix,
    },
  ]
}

function isScalar(value: unknown, type: string): boolean {
  const number = typeof value === 'number' || typeof value === 'bigint'
  if (type === 's') return typeof value === 'string'
  if (type === 'b') return typeof value === 'boolean'
  if (type === 'i') return typeof value === 'bigint' || Number.isInteger(value)
  if (type === 'n') return number
  return type === 'x' && (number || typeof value === 'string')
}

const typeNames: Readonly<Record<string, string>> = {
  s: 'a string',
  i: 'an integer',
  n: 'a number',
  b: 'a boolean',
  x: 'a string or a number',
  '=': 'a string',
  '[': 'a list',
  '{': 'a map',
  '#': 'a map',
}

function typeFix(value: unknown, type: string): {fix?: string} {
  if (type === 's' && typeof value !== 'object') return {fix: 'quote it, or write ${string(…)} around the expression'}
  if (type === 'i' && typeof value === 'string' && /^\d+$/.test(value))
    return {fix: 'leave out the quotes, or ${int(…)}'}
  if (type[0] === '[' && !Array.isArray(value)) return {fix: 'write a list: [ … ]'}
  return {}
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a map' : `the ${typeof value} ${JSON.stringify(value) ?? String(value)}`
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
