/**
 * Bounds of one expression and of what it may produce. CEL itself always ends, but `[0,1,…].map(…)` nested a few times, or a string
 * doubled in each step, ends after the universe does: the library has no run-time cost limit, so we count (see guard.ts).
 */
export const limits = {
  /** Characters of one expression. */
  sourceLength: 8_192,
  /** Characters of one template text, a whole file's worth. */
  templateLength: 262_144,
  /** Nested brackets, counted before the parser sees them. */
  depth: 64,
  /** Nested nodes: `"a" + b + c` is one deeper with each `+`. */
  nodeDepth: 400,
  /** Comprehensions inside one another. */
  macroDepth: 4,
  /** Units of one evaluation: about one per node evaluated, element made, 16 characters made. */
  cost: 1_000_000,
  /** Units of everything that shares one budget: a whole package's render. */
  sharedCost: 4_000_000,
  /** Units of what a package declares of its parameters: conditions, defaults, `let` and rules, for one set of answers. */
  declaredCost: 1_000_000,
  /** Characters of one string. */
  stringLength: 1_048_576,
  /** Elements of one list or map. */
  size: 50_000,
  /** Characters of a regular expression. */
  patternLength: 1_000,
} as const
