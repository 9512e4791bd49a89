import {fromPointer, isRecord, valueAt} from '../json.ts'
import type {ParamSchema} from '../types.ts'
import type {Schema} from './keyword.ts'

/**
 * What a `$ref` points at within the same schema, or undefined: `#`, `#/$defs/x`, `#anchor`. Nothing outside is ever fetched.
 */
export function resolveReference(ref: string, root: ParamSchema): Schema | undefined {
  if (ref === '#') return root
  if (!ref.startsWith('#')) return undefined
  const anchored = () => Object.values(root.$defs ?? {}).find(part => isRecord(part) && part.$anchor === ref.slice(1))
  const found = ref.startsWith('#/') ? valueAt(root, fromPointer(decodeFragment(ref.slice(1)))) : anchored()
  return typeof found === 'boolean' || isRecord(found) ? (found as Schema) : undefined
}

function decodeFragment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray % is taken as it stands
  }
}
