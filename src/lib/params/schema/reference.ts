import {fromPointer, valueAt} from '../pointer.ts'
import type {ParamSchema} from '../types.ts'

/**
 * What a `$ref` points at within the same schema, or undefined: `#`, `#/$defs/x`, `#anchor`. Nothing outside is ever fetched.
 */
export function resolveReference(ref: string, root: ParamSchema): ParamSchema | boolean | undefined {
  if (ref === '#') return root
  if (ref.startsWith('#/')) {
    const steps = fromPointer(decodeFragment(ref.slice(1)))
    return asSchema(valueAt(root, steps))
  }
  if (!ref.startsWith('#')) return undefined
  const anchor = ref.slice(1)
  const definitions = typeof root.$defs === 'object' && root.$defs !== null ? Object.values(root.$defs) : []
  return definitions.map(asSchema).find(schema => typeof schema === 'object' && schema.$anchor === anchor)
}

function asSchema(value: unknown): ParamSchema | boolean | undefined {
  if (typeof value === 'boolean') return value
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ParamSchema) : undefined
}

function decodeFragment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray % is taken as it stands
  }
}
