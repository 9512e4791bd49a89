import type {Duration} from './duration.ts'
import type {Run} from './run.ts'
import type {ExprType} from './types.ts'
import type {Dict, Value} from './values.ts'

/**
 * The words of signatures. A `string` is no secret; `text` is a string or a secret, and where one is given a result of `text` is one, too.
 * `list` is a list of anything, `table` a map that may hold nulls.
 */
interface Words {
  string: string
  text: string
  bool: boolean
  int: bigint
  double: number
  bytes: Uint8Array
  duration: Duration
  list: Value[]
  strings: string[]
  texts: string[]
  map: Dict
  table: Dict
  data: Value
  dyn: Value
  omit: Value
}
type Word = keyof Words

const dyn: ExprType = {t: 'dyn'}
const types: Partial<Record<Word, ExprType>> = {
  text: {t: 'secret'},
  texts: {t: 'list', of: {t: 'secret'}},
  strings: {t: 'list', of: {t: 'string'}},
  list: {t: 'list', of: dyn},
  map: {t: 'map', of: dyn},
  table: {t: 'map', of: dyn},
  data: dyn,
}

type List<S extends string> = S extends `${infer First extends Word}, ${infer Rest}`
  ? [Words[First], ...List<Rest>]
  : S extends Word
    ? [Words[S]]
    : []
type Target<S extends string> = S extends `${infer Type extends Exclude<Word, 'strings'>}.${string}`
  ? [Words[Type]]
  : []
/** `['string', 'int']` as values, of `string.charAt(int): string`. */
type Taken<S extends string> = S extends `${infer Head}(${infer Args}): ${Word}`
  ? [...Target<Head>, ...List<Args>]
  : never

/** A form of a function: what it takes, what it gives, and how. */
export interface Signature {
  /** As it is called; `strings.quote` is a name of its own. */
  name: string
  /** Of `x.name(…)`; undefined for `name(…)`. */
  target: ExprType | undefined
  args: ExprType[]
  result: ExprType
  /** For error messages and the documentation. */
  text: string
  run: (run: Run, ...values: never[]) => Value
}

/** The types of what it takes, the target first. */
export function wantedBy({target, args}: Signature): ExprType[] {
  return target === undefined ? args : [target, ...args]
}

/** A function whose signature, written in {@link Words}, is also the type of its implementation. */
export function define<S extends string>(text: S, run: (run: Run, ...values: Taken<S>) => Value): Signature {
  const [, target, fn = '', args = '', result = ''] = /^(?:(\w+)\.)?(\w+)\((.*)\): (\w+)$/.exec(text) ?? []
  const qualified = target === 'strings'
  return {
    name: qualified ? `strings.${fn}` : fn,
    target: target === undefined || qualified ? undefined : typeOf(target),
    args: args === '' ? [] : args.split(', ').map(typeOf),
    result: typeOf(result),
    text,
    run: run as Signature['run'],
  }
}

function typeOf(word: string): ExprType {
  return types[word as Word] ?? ({t: word} as ExprType)
}
