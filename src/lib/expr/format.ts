import {Duration} from './duration.ts'
import {Fault, type Run} from './run.ts'
import {toText} from './strings.ts'
import {Dict, kindOf, refuseSecret, type Value} from './values.ts'

type Verb = (value: Value, precision: number) => string | undefined

/** What follows the `%`; undefined where it does not take the value. */
const verbs: Record<string, Verb> = {
  s: shown,
  d: value => (typeof value === 'bigint' ? String(value) : notFinite(value)),
  f: (value, precision) => notFinite(value) ?? (typeof value === 'number' ? fixed(value, precision) : undefined),
  e: (value, precision) => notFinite(value) ?? (typeof value === 'number' ? scientific(value, precision) : undefined),
  b: value => (typeof value === 'boolean' ? String(Number(value)) : based(value, 2)),
  o: value => based(value, 8),
  x: hexadecimal,
  X: value => hexadecimal(value)?.toUpperCase(),
}

/** `"%s is %d".format(["a", 1])`, with the verbs and the rounding of CEL's strings extension. */
export function format(run: Run, text: string, values: Value[]): string {
  refuseSecret('format', values, run)
  let used = 0
  const result = text.replace(/%(?:\.(\d+))?(.?)/gs, (clause, digits: string | undefined, verb: string) => {
    if (clause === '%%') return '%'
    const precision = Number(digits ?? 6)
    const write = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
    const value = values[used++]
    if (write === undefined)
      throw new Fault(`format: ${JSON.stringify(clause)} is no clause`, `use ${Object.keys(verbs)}, %%`)
    if (value === undefined) throw new Fault(`format: there is no value for ${clause}`)
    if (precision > 100) throw new Fault(`format: ${clause} asks for more than 100 digits`)
    const written = write(value, precision)
    if (written === undefined) throw new Fault(`format: ${clause} does not take ${kindOf(value)}`)
    run.text(written.length)
    return written
  })
  if (used < values.length) throw new Fault(`format: there are ${values.length} values for ${used} clauses`)
  return result
}

function shown(value: Value): string {
  if (value instanceof Dict) throw new Fault('format: a map is not written by it', 'toJson(x)')
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (value instanceof Uint8Array) return toText(value)
  return value instanceof Duration || typeof value !== 'symbol' ? String(value) : ''
}

function notFinite(value: Value): string | undefined {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : undefined
}

function fixed(value: number, digits: number): string {
  return new Intl.NumberFormat('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    roundingMode: 'halfEven',
    useGrouping: false,
  }).format(value)
}

/** The exponent has two digits at least. */
function scientific(value: number, digits: number): string {
  return value.toExponential(digits).replace(/([+-])(\d)$/, '$10$2')
}

function based(value: Value, radix: number): string | undefined {
  return typeof value === 'bigint' ? value.toString(radix) : undefined
}

function hexadecimal(value: Value): string | undefined {
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value as string).toString('hex')
  return based(value, 16)
}
