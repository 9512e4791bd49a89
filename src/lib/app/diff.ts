import {isDeepStrictEqual} from 'node:util'
import type {KubeObject} from '../kube/index.ts'
import type {FieldChange} from './types.ts'

// What the server writes by itself, or what berth's own bookkeeping is: no change that a person asked for.
const ignored = new Set([
  'metadata.managedFields',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.uid',
  'metadata.creationTimestamp',
  'metadata.annotations.berth.dev/content',
  'status',
])

/** Fields in which a dry run of an apply differs from what is live. Values of Secrets are left out. */
export function diffObjects(live: KubeObject, applied: KubeObject): FieldChange[] {
  const changes: FieldChange[] = []
  const secret = live.kind === 'Secret'
  walk(live, applied, '', (field, from, to) => {
    if ((secret && /^(data|stringData)\b/.test(field)) || field.endsWith('berth.dev/inputs')) changes.push({field})
    else changes.push({field, ...(from !== undefined && {from}), ...(to !== undefined && {to})})
  })
  return changes
}

function walk(
  from: unknown,
  to: unknown,
  path: string,
  found: (field: string, from: unknown, to: unknown) => void,
): void {
  if (ignored.has(path) || isDeepStrictEqual(from, to)) return
  if (isMap(from) && isMap(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
      walk(from[key], to[key], path === '' ? key : `${path}.${key}`, found)
    return
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    const pairs = byName(from, to)
    if (pairs !== undefined) {
      for (const [name, a, b] of pairs) walk(a, b, `${path}[${name}]`, found)
      return
    }
    if (from.length === to.length) {
      from.forEach((item, index) => {
        walk(item, to[index], `${path}[${index}]`, found)
      })
      return
    }
  }
  found(path, from, to)
}

/** Containers, ports, variables and volumes are told apart by name, as Kubernetes does. */
function byName(from: unknown[], to: unknown[]): [string, unknown, unknown][] | undefined {
  const nameOf = (item: unknown) => (isMap(item) && typeof item.name === 'string' ? item.name : undefined)
  const names = [...from, ...to].map(nameOf)
  if (names.length === 0 || names.some(name => name === undefined)) return undefined
  const find = (list: unknown[], name: string) => list.find(item => nameOf(item) === name)
  return [...new Set(names as string[])].map(name => [name, find(from, name), find(to, name)])
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
