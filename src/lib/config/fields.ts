import {nearest} from '../nearest.ts'
import type {ClusterSettings} from './types.ts'

/** Tells of a fault at a path of the document: throws. */
export type Fault = (path: (string | number)[], message: string, hint?: string) => never

/** A mapping's fields, none of them unknown; an absent one is empty. */
export function fields(
  value: unknown,
  path: (string | number)[],
  known: string[] | 'any',
  fault: Fault,
): Record<string, unknown> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) return fault(path, `${nameOf(path)} must be a mapping`)
  const unknown = known === 'any' ? undefined : Object.keys(value).find(key => !known.includes(key))
  if (unknown !== undefined && known !== 'any') {
    const meant = nearest(unknown, known)
    return fault(
      [...path, unknown],
      `there is no setting ${nameOf([...path, unknown])}`,
      meant ? `did you mean "${meant}"?` : `known: ${known.join(', ')}`,
    )
  }
  return value as Record<string, unknown>
}

const DNS_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/

/**
 * Reads what is said of a cluster, in the operator's file or in the cluster's ConfigMap. Absent fields stay absent; `null` for a
 * class says: none. Unknown fields are refused in the operator's own file and passed over in the ConfigMap, which a newer berth may
 * have written.
 */
export function clusterFields(
  value: unknown,
  path: (string | number)[],
  fault: Fault,
  unknown: 'refused' | 'passed-over' = 'refused',
): Partial<ClusterSettings> {
  const said = fields(value, path, unknown === 'refused' ? ['domain', 'ingressClass', 'storageClass'] : 'any', fault)
  const settings: Partial<ClusterSettings> = {}
  if (said.domain !== undefined) {
    if (typeof said.domain !== 'string' || !DNS_NAME.test(said.domain))
      return fault([...path, 'domain'], `${nameOf([...path, 'domain'])} must be a DNS name, like apps.example.com`)
    settings.domain = said.domain
  }
  for (const field of ['ingressClass', 'storageClass'] as const) {
    const name = said[field]
    if (name === undefined) continue
    if (name !== null && (typeof name !== 'string' || !DNS_NAME.test(name)))
      return fault([...path, field], `${nameOf([...path, field])} must be the name of a class, or null for none`)
    settings[field] = name
  }
  return settings
}

const nameOf = (path: (string | number)[]) =>
  path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : name ? `${name}.${part}` : part),
    '',
  ) || 'the file'

export const isRepositoryName = (name: string) => /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)
