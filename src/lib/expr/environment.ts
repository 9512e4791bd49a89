import {
  type CelEnv,
  type CelFunc,
  type CelInput,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celMethod,
  isCelError,
  isCelList,
  isCelMap,
} from '@bufbuild/cel'
import {strings} from '@bufbuild/cel/ext'
import {ownFunctions} from './functions.ts'
import {limits} from './limits.ts'
import {machinery} from './machinery.ts'
import {meter} from './meter.ts'
import {celHoldsSecret, measure} from './values.ts'

let environment: CelEnv | undefined

/** The one environment: CEL's functions and its strings extension, each behind a guard, and ours. Made on first use: it costs ~5 ms. */
export function celEnvironment(): CelEnv {
  environment ??= celEnv({
    funcs: [...celEnv({funcs: strings}).funcs]
      .map(guarded)
      .concat(mixedArithmetic(), strictConversions(), [replace, replaceN], ownFunctions, machinery),
  })
  return environment
}

/**
 * What CEL has and we refuse. `getHours()` and its kin on timestamps give what the machine's time zone says; types and unsigned integers
 * have no place in a template.
 */
const refused: Record<string, string> = {
  type: 'type() does not exist here',
  uint: 'unsigned integers do not exist here: use int()',
}

/** A function of the library that counts what it is given and makes, and does not touch secrets. */
function guarded(func: CelFunc): CelFunc {
  const reason =
    refused[func.name] ??
    (/^get[A-Z]/.test(func.name) && func.target?.name === 'google.protobuf.Timestamp'
      ? `${func.name}() depends on the time zone of the machine`
      : undefined)
  const run = (target: CelValue | undefined, args: CelValue[]): CelInput => {
    if (reason !== undefined) throw new Error(reason)
    const all = target === undefined ? args : [target, ...args]
    refuseSecrets(func.name, all)
    meter().charge(workOf(func.name, all))
    const result = func.call(0, target, args)
    // The library would keep the 0 as the place of the error; a fresh one gets the place of this call.
    if (isCelError(result)) throw new Error(result.message)
    if (result === undefined) throw new Error(`${func.name} does not take this`)
    chargeResult(result)
    return result
  }
  const params = [...func.arguments]
  return func.target === undefined
    ? celFunc(func.name, params, CelScalar.DYN, (...args: CelValue[]) => run(undefined, args))
    : celMethod(func.name, func.target, params, CelScalar.DYN, function (this: CelValue, ...args: CelValue[]) {
        return run(this, args)
      })
}

/** Secrets may be concatenated, and compared with null: anything else would need their value, or tell something about it. */
function refuseSecrets(name: string, args: CelValue[]): void {
  if (name === '_+_' || name === 'dyn' || name === 'string' || name === 'join') return
  if ((name === '_==_' || name === '_!=_') && args.includes(null)) return
  // Of lists and maps, only what is compared or formatted is looked into; `size` counts elements, `in` a map reads keys.
  const looksInside = name === '_==_' || name === '_!=_' || name === '@in' || name === 'format'
  for (const [index, arg] of args.entries()) {
    const shallow = !looksInside || (name === '@in' && index === 1 && isCelMap(arg))
    if (typeof arg !== 'string' && shallow) continue
    if (celHoldsSecret(arg, meter()))
      throw new Error(
        `${name.replace(/^_(.+)_$/, '$1').replace('@', '')} is not possible on a secret: rendering never sees its value`,
      )
  }
}

/** Work in units of about 16 characters or one element; `needle` searches are quadratic at worst. */
function workOf(name: string, args: CelValue[]): number {
  const [first, second] = args
  switch (name) {
    case '_==_':
    case '_!=_':
      return Math.min(...args.map(arg => measure(arg, meter().remaining + 1)))
    case '@in':
      return isCelMap(second ?? null) ? 1 : measure(second ?? null, meter().remaining + 1)
    case 'format':
      if (holdsMap(second ?? null)) throw new Error('format() of a map: write toJson(x)')
      return measure(second ?? null, meter().remaining + 1) + length(first) / 4
    case 'contains':
    case 'indexOf':
    case 'lastIndexOf':
    case 'split':
      return 1 + length(first) / 16 + (length(first) * length(second)) / 1024
    case 'matches':
      return 1 + length(first) * patternCost(second)
    case 'join':
      return 1 + measure(first ?? null, meter().remaining + 1)
    default:
      return 1 + args.reduce((sum: number, arg) => sum + length(arg) / 16, 0)
  }
}

function chargeResult(result: CelValue): void {
  if (typeof result === 'string' || result instanceof Uint8Array) meter().string(result.length)
  else if (isCelList(result) || isCelMap(result)) meter().elements(result.size)
}

/** RE2 ends in time proportional to text and program; a program grows with its counted repetitions, of which RE2 allows 1000. */
function patternCost(pattern: CelValue | undefined): number {
  if (typeof pattern !== 'string') return 1
  if (pattern.length > limits.patternLength)
    throw new Error(`a regular expression of ${pattern.length} characters, ${limits.patternLength} are allowed`)
  const repeats = [...pattern.matchAll(/\{(\d+)?,?(\d+)?\}/g)].reduce(
    (product, [, from, to]) => product * Math.max(1, Number(to ?? from ?? 1)),
    1,
  )
  return (pattern.length * Math.min(1000, repeats)) / 8
}

function holdsMap(value: CelValue): boolean {
  return isCelMap(value) || (isCelList(value) && [...value].some(holdsMap))
}

function length(value: CelValue | undefined): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 0
}

/**
 * CEL refuses `1 + 0.5`. Whether an answer to a `type: number` parameter has a fraction must not decide whether a template works, so
 * arithmetic of an integer and a double is one of doubles.
 */
function mixedArithmetic(): CelFunc[] {
  const {INT, DOUBLE} = CelScalar
  const operations: Record<string, (a: number, b: number) => number> = {
    '_+_': (a, b) => a + b,
    '_-_': (a, b) => a - b,
    '_*_': (a, b) => a * b,
    '_/_': (a, b) => a / b,
  }
  return Object.entries(operations).flatMap(([name, operation]) => [
    celFunc(name, [INT, DOUBLE], DOUBLE, (a, b) => operation(Number(a), b)),
    celFunc(name, [DOUBLE, INT], DOUBLE, (a, b) => operation(a, Number(b))),
  ])
}

/** The library takes what JavaScript takes: `int("")` is 0 there, `int("0x10")` 16. */
function strictConversions(): CelFunc[] {
  const {INT, DOUBLE, STRING} = CelScalar
  return [
    celFunc('int', [STRING], INT, text => {
      refuseSecrets('int', [text])
      if (!/^[+-]?\d{1,19}$/.test(text)) throw new Error(`int: ${JSON.stringify(text.slice(0, 40))} is not an integer`)
      const value = BigInt(text)
      if (BigInt.asIntN(64, value) !== value) throw new Error(`int: ${text} does not fit in 64 bits`)
      return value
    }),
    celFunc('double', [STRING], DOUBLE, text => {
      refuseSecrets('double', [text])
      if (!/^[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,4})?$/.test(text))
        throw new Error(`double: ${JSON.stringify(text.slice(0, 40))} is not a number`)
      return Number(text)
    }),
  ]
}

/** The library's replace copies the text once per match: quadratic. */
const replace = celMethod(
  'replace',
  CelScalar.STRING,
  [CelScalar.STRING, CelScalar.STRING],
  CelScalar.STRING,
  function (from, to) {
    return replaced(this, from, to, Number.POSITIVE_INFINITY)
  },
)
const replaceN = celMethod(
  'replace',
  CelScalar.STRING,
  [CelScalar.STRING, CelScalar.STRING, CelScalar.INT],
  CelScalar.STRING,
  function (from, to, count) {
    return replaced(this, from, to, count < 0n ? Number.POSITIVE_INFINITY : Number(count))
  },
)

function replaced(text: string, from: string, to: string, count: number): string {
  refuseSecrets('replace', [text, from, to])
  meter().charge(1 + text.length / 16 + (text.length * from.length) / 1024)
  const pieces = text.split(from)
  const replacements = Math.min(count, pieces.length - 1)
  meter().elements(pieces.length)
  meter().string(text.length + replacements * (to.length - from.length))
  if (replacements === pieces.length - 1) return pieces.join(to)
  return pieces.slice(0, replacements + 1).join(to) + from + pieces.slice(replacements + 1).join(from)
}
