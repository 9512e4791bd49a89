import {limits} from './limits.ts'

/** Cost that several evaluations share. Make one per render with {@link createBudget}. */
export interface Budget {
  remaining: number
}

/** A budget for everything that is evaluated together, such as all templates of a package. */
export function createBudget(): Budget {
  return {remaining: limits.sharedCost}
}

/** Counts what one evaluation does. Once it is over its limit it stays so, because CEL's `||` can swallow the error that says it. */
export class Meter {
  exceeded: string | undefined
  #remaining: number = limits.cost
  readonly #shared: Budget | undefined

  constructor(shared?: Budget) {
    this.#shared = shared
  }

  /** How much is left, for those who measure before they work. */
  get remaining(): number {
    return Math.max(0, Math.min(this.#remaining, this.#shared?.remaining ?? Number.POSITIVE_INFINITY))
  }

  charge(units: number): void {
    this.#remaining -= units
    if (this.#shared !== undefined) this.#shared.remaining -= units
    if (this.#remaining < 0) this.refuse(`the expression does too much work (over ${limits.cost} steps)`)
    if (this.#shared !== undefined && this.#shared.remaining < 0) {
      this.refuse(`the package's expressions together do too much work (over ${limits.sharedCost} steps)`)
    }
  }

  /** Of a string made; its characters count as work. */
  string(length: number): void {
    if (length > limits.stringLength)
      this.refuse(`a string of ${length} characters would be made, ${limits.stringLength} are allowed`)
    this.charge(1 + length / 16)
  }

  /** Of a list or map made. */
  elements(size: number): void {
    if (size > limits.size) this.refuse(`a list or map of ${size} elements would be made, ${limits.size} are allowed`)
    this.charge(1 + size)
  }

  refuse(reason: string): never {
    this.exceeded ??= reason
    throw new Error(this.exceeded)
  }
}

// Functions of a CEL environment get no context, and making an environment costs milliseconds: so there is one environment, and the
// meter of the evaluation that runs now. Evaluation is synchronous and does not nest.
let current: Meter | undefined

export function meter(): Meter {
  if (current === undefined) throw new TypeError('outside of an evaluation')
  return current
}

export function withMeter<T>(next: Meter, work: () => T): T {
  const before = current
  current = next
  try {
    return work()
  } finally {
    current = before
  }
}
