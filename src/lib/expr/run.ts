import {limits} from './limits.ts'

/** Cost that several evaluations share. Make one per render with {@link createBudget}. */
export interface Budget {
  readonly units: number
  remaining: number
}

/** A budget for everything that is evaluated together: all templates of a package, or all that it declares of its parameters. */
export function createBudget(of: 'sharedCost' | 'declaredCost' = 'sharedCost'): Budget {
  return {units: limits[of], remaining: limits[of]}
}

/** Why there is no value. `&&`, `||`, `all` and `exists` can do without one, unless the rule is another than `evaluation`. */
export class Fault extends Error {
  readonly rule: 'evaluation' | 'limit' | 'unknown-name'
  readonly fix: string | undefined
  /** Offset in the source. */
  at: number | undefined

  constructor(message: string, fix?: string, rule: Fault['rule'] = 'evaluation') {
    super(message)
    this.rule = rule
    this.fix = fix
  }
}

/** One evaluation: where it is, and what it has cost so far. */
export class Run {
  /** Offset of the node that is being evaluated: where a fault that is thrown now has its place. */
  at = 0
  #remaining: number = limits.cost
  readonly #shared: Budget

  constructor(shared: Budget = createBudget()) {
    this.#shared = shared
  }

  charge(units: number): void {
    this.#remaining -= units
    this.#shared.remaining -= units
    if (this.#remaining < 0) refuse(`the expression does too much work (over ${limits.cost} steps)`)
    if (this.#shared.remaining < 0)
      refuse(`the package's expressions together do too much work (over ${this.#shared.units} steps)`)
  }

  /** Of a string or bytes; 16 characters are a unit of work. */
  text(length: number): void {
    if (length > limits.stringLength)
      refuse(`a string of ${length} characters would be made, ${limits.stringLength} are allowed`)
    this.charge(1 + length / 16)
  }

  /** Of a list or map. */
  elements(size: number): void {
    if (size > limits.size) refuse(`a list or map of ${size} elements would be made, ${limits.size} are allowed`)
    this.charge(1 + size)
  }
}

function refuse(reason: string): never {
  throw new Fault(reason, 'make fewer or smaller values', 'limit')
}
