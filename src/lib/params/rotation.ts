import {readFields} from './fields.ts'
import {isRecord} from './json.ts'
import type {Interfaces, ParametersSchema, ParamSchema} from './types.ts'

/** What a package says about making a secret anew: `never` loses something or changes nothing, `restart` is enough, or a task must run. */
export type RotationRule = 'never' | 'restart' | {task: string}

/** A parameter that holds a secret of the app's own. */
export interface SecretField {
  name: string
  title: string
  kind: string
  rotate: RotationRule
  /** Berth can make it. */
  generated: boolean
  /** No other may be given, either. */
  immutable: boolean
}

/** The parameters that are secrets or keys; not those that are made of another one. */
export function secretFields(parameters: ParametersSchema, interfaces?: Interfaces): SecretField[] {
  return readFields(parameters, interfaces).all.flatMap(({name, param, kind}) =>
    kind?.widget !== 'password' || kind.derived?.(param) === true
      ? []
      : [
          {
            name,
            title: param.title ?? name,
            kind: kind.name,
            rotate: rotationOf(param) ?? 'never',
            generated: param.generate !== false,
            immutable: param.immutable === true,
          },
        ],
  )
}

/** Undefined where it is none. */
function rotationOf({
  algorithm,
  rotate = algorithm === 'tls' ? 'restart' : 'never',
}: ParamSchema): RotationRule | undefined {
  if (rotate === 'never' || rotate === 'restart') return rotate
  return isRecord(rotate) && typeof rotate.task === 'string' && Object.keys(rotate).length === 1
    ? {task: rotate.task}
    : undefined
}

/** What is wrong with a declaration's `rotate`. */
export const rotationFaults = (param: ParamSchema): string[] =>
  rotationOf(param) === undefined ? ['rotate must be never, restart or {task: name}'] : []
