import {offered} from '../choices.ts'
import {isRecord} from '../json.ts'
import {parseQuantity, quantityPattern} from '../quantity.ts'
import type {Fault} from '../schema/fault.ts'
import type {Kind} from './kind.ts'
import {objectName} from './object-name.ts'

interface VolumeAnswer {
  size?: string
  class?: string
  access?: string[]
  existing?: string
}

const amount = {pattern: quantityPattern, examples: ['10Gi'], 'x-berth-expected': 'an amount such as 10Gi'}
const accessModes = ['ReadWriteOnce', 'ReadWriteOncePod', 'ReadWriteMany', 'ReadOnlyMany']

/** Storage that outlives pods. Its claim is named after the app and the parameter, unless an existing one is used. */
export const volume: Kind = {
  name: 'volume',
  widget: 'volume',
  example: {size: '1Gi'},
  named: true,
  schema: () => ({
    type: 'object',
    properties: {
      size: {type: 'string', title: 'Size', ...amount},
      class: {type: 'string', title: 'Storage class', minLength: 1},
      access: {type: 'array', title: 'Access', minItems: 1, items: {enum: accessModes}},
      existing: {type: 'string', title: 'Existing claim', minLength: 1},
    },
    'x-berth-expected': 'given a size, or an existing claim',
    anyOf: [{required: ['size']}, {required: ['existing']}],
    additionalProperties: false,
  }),
  type: () => ({
    t: 'object',
    fields: {
      claim: {t: 'string'},
      size: {t: 'nullable', of: {t: 'string'}},
      class: {t: 'nullable', of: {t: 'string'}},
      access: {t: 'list', of: {t: 'string'}},
      existing: {t: 'nullable', of: {t: 'string'}},
    },
  }),
  parse: text => ({answer: {size: text.trim()}}),
  print: answer => {
    const {size, class: storageClass, existing} = answer as VolumeAnswer
    if (existing !== undefined) return `claim ${existing}`
    return storageClass === undefined ? (size ?? '') : `${size} on ${storageClass}`
  },
  choices: async (_param, lookup) => (await offered({from: 'storageClasses'}, lookup)) ?? [],
  change(before, after) {
    if (!isRecord(before) || !isRecord(after)) return undefined
    const was = parseQuantity(String(before.size))
    const is = parseQuantity(String(after.size))
    if (was !== undefined && is !== undefined && is < was) {
      return {code: 'shrinks', message: `cannot shrink: it has ${before.size}, and storage only grows`}
    }
    const fixed = ['class', 'access', 'existing'].find(key => String(before[key]) !== String(after[key]))
    if (fixed === undefined) return undefined
    return {code: 'immutable', message: `the ${fixed} of a volume cannot be changed after the install`}
  },
  resolve({name, path, answer, context}) {
    if (!isRecord(answer)) return {value: null}
    const {size, class: storageClass, access = ['ReadWriteOnce'], existing} = answer as VolumeAnswer
    const claim = existing ?? objectName(context.app.name, name)
    return {
      faults: checkSize(size, existing).map(fault => ({path: [...path, 'size'], ...fault})),
      value: {claim, size: size ?? null, class: storageClass ?? null, access, existing: existing ?? null},
      volumes: [{parameter: name, claim, size: size ?? '', class: storageClass, access, existing}],
    }
  },
}

function checkSize(size: string | undefined, existing: string | undefined): Omit<Fault, 'path'>[] {
  if (size === undefined) return []
  if (existing !== undefined) return [{code: 'conflict', message: 'cannot be set for an existing claim'}]
  if (parseQuantity(size) !== 0) return []
  return [{code: 'minimum', message: 'must be more than 0', expected: 0, got: size}]
}
