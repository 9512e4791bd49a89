import {pick} from '../json.ts'
import {trustPattern} from '../schema/pattern.ts'
import type {ParamSchema} from '../types.ts'
import type {Kind} from './kind.ts'

/** What a kind of text is told by. */
export interface TextForm {
  pattern: string
  example: string
  /** What it must be, in words; the example is added. */
  words: string
  maxLength?: number
}

/** The author's own constraints on a text. They stay in force beside those of its kind. */
export function textConstraints(param: ParamSchema): ParamSchema {
  return pick(param, ['minLength', 'maxLength', 'pattern', 'format', 'enum', 'const', 'oneOf', 'allOf', 'examples'])
}

/** A text of some form: one that says no more than this is all of a kind. */
export function textKind(name: string, {pattern, example, words, ...limit}: TextForm, more: Partial<Kind> = {}): Kind {
  trustPattern(pattern)
  return {
    name,
    widget: more.from === undefined ? 'text' : 'choice',
    example,
    schema: param => ({
      type: 'string',
      ...limit,
      ...textConstraints(param),
      allOf: [
        {pattern, examples: [example], 'x-berth-expected': `${words} such as ${example}`},
        ...(Array.isArray(param.allOf) ? param.allOf : []),
      ],
    }),
    type: () => ({t: 'string'}),
    ...more,
  }
}
