import type {OnDrift} from '../anchor/index.ts'
import type {RemoteError} from '../errors.ts'
import type {KubeObject} from '../kube/index.ts'

/** A field that our apply would set and another manager owns, as the server names it: `.spec.containers[name="app"].image`. */
export interface Conflict {
  manager: string
  field: string
}

/** What the server said in refusing an apply. */
export function conflictsOf(error: RemoteError): Conflict[] {
  const {conflicts} = (error.details ?? {}) as {conflicts?: Partial<Conflict>[]}
  return (conflicts ?? []).map(({manager, field}) => ({manager: manager ?? 'another manager', field: field ?? ''}))
}

/** A field as plans and rules name it: `spec.containers[app].image`. */
export const plainField = (field: string): string =>
  field.replace(/^\./, '').replace(/\[name="([^"]*)"[^\]]*\]/g, '[$1]')

/** Is the field left to others? A rule counts for its field and everything below it, in all objects of its kind or the one it names. */
export function isIgnored(rules: readonly string[], {kind, metadata}: KubeObject, field: string): boolean {
  const plain = plainField(field)
  return rules.some(rule => {
    const at = rule.indexOf(':')
    const [object, path] = [rule.slice(0, at), rule.slice(at + 1)]
    const below = plain.startsWith(path) && ['', '.', '['].includes(plain.charAt(path.length))
    return below && (object === kind || object === `${kind}/${metadata.name}`)
  })
}

/** Labels, annotations and resources are tuned by many hands; anything else that another set is for a person to look at. */
export const driftRule = (field: string, said: OnDrift | undefined): OnDrift =>
  said ?? (/^\.(.*\.)?(metadata\.(labels|annotations)|resources)\b/.test(field) ? 'keep' : 'fail')

/**
 * The object without some fields, so that an apply leaves them to whom they belong; undefined where one of them is not a field of its
 * own (a list that is owned as a whole has no parts).
 */
export function without(object: KubeObject, fields: string[]): KubeObject | undefined {
  const copy = structuredClone(object)
  return fields.every(field => take(copy, field)) ? copy : undefined
}

/** Removes what a path leads to. Keys may have dots in them, so each is found by what is there. */
function take(value: unknown, path: string): boolean {
  if (Array.isArray(value)) {
    const [selector = '', inner] = /^\[((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]/.exec(path) ?? []
    const index = value.findIndex((item, at) => selects(inner ?? '', item, at))
    if (index < 0 || selector === '') return false
    if (path.length > selector.length) return take(value[index], path.slice(selector.length))
    value.splice(index, 1)
    return true
  }
  if (typeof value !== 'object' || value === null) return false
  const map = value as Record<string, unknown>
  const [key] = Object.keys(map)
    .filter(each => path.startsWith(`.${each}`) && ['', '.', '['].includes(path.charAt(each.length + 1)))
    .sort((one, other) => other.length - one.length)
  if (key === undefined) return false
  const rest = path.slice(key.length + 1)
  if (rest !== '') return take(map[key], rest)
  delete map[key]
  return true
}

/** `name="app",containerPort=80`, `="value"` of a set, or an index. */
function selects(selector: string, item: unknown, index: number): boolean {
  if (/^\d+$/.test(selector)) return Number(selector) === index
  if (selector.startsWith('=')) return JSON.stringify(item) === selector.slice(1)
  const pairs = selector.match(/[^=,]+=("(?:[^"\\]|\\.)*"|[^,]*)/g) ?? []
  return pairs.every(pair => {
    const at = pair.indexOf('=')
    return JSON.stringify((item as Record<string, unknown> | null)?.[pair.slice(0, at)]) === pair.slice(at + 1)
  })
}
