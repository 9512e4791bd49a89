/**
 * Things in the order in which they depend on each other: each level after all that its own come after. Of those that wait for each other
 * in a circle, and for such, none can come first: they are left.
 */
export function levelsOf<T>(all: readonly T[], after: (each: T) => readonly T[]): {levels: T[][]; circle: T[]} {
  const levels: T[][] = []
  let left = [...all]
  for (;;) {
    const level = left.filter(each => !after(each).some(other => left.includes(other)))
    if (level.length === 0) return {levels, circle: left}
    levels.push(level)
    left = left.filter(each => !level.includes(each))
  }
}
