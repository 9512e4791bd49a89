import {Fault} from './run.ts'

const units: Record<string, bigint> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  µs: 1_000n,
  ns: 1n,
}
const part = /(?=\.?\d)(\d*)(?:\.(\d*))?(h|ms|m|s|us|µs|ns)/g

/** A length of time: nanoseconds, in 64 bits. */
export class Duration {
  readonly nanos: bigint

  constructor(nanos: bigint) {
    if (BigInt.asIntN(64, nanos) !== nanos) throw new Fault('a duration is out of range: 292 years are the most')
    this.nanos = nanos
  }

  /** As Go writes it: `90m`, `-1.5h`, `2h45m`, `0`. */
  static parse(text: string): Duration {
    const [, sign, parts = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
    if (text.length > 128 || (parts !== '0' && (parts === '' || parts.replace(part, '') !== '')))
      throw new Fault(`duration: ${JSON.stringify(text.slice(0, 40))} is no duration`, 'write "90s", "1h30m", "500ms"')
    let nanos = 0n
    for (const [, whole = '', fraction = '', unit = ''] of parts.matchAll(part)) {
      const factor = units[unit] ?? 0n
      nanos += BigInt(whole) * factor + (BigInt(fraction) * factor) / 10n ** BigInt(fraction.length)
    }
    return new Duration(sign === '-' ? -nanos : nanos)
  }

  /** In whole seconds, minutes, … */
  in(unit: 'h' | 'm' | 's'): bigint {
    return this.nanos / (units[unit] ?? 1n)
  }

  /** Of the last second. */
  get milliseconds(): bigint {
    return (this.nanos % 1_000_000_000n) / 1_000_000n
  }

  /** In seconds: `5400s`, `0.25s`. */
  toString(): string {
    const [sign, nanos] = this.nanos < 0n ? ['-', -this.nanos] : ['', this.nanos]
    const fraction = String(nanos % 1_000_000_000n)
      .padStart(9, '0')
      .replace(/0+$/, '')
    return `${sign}${nanos / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}s`
  }
}
