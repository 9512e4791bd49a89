/** Longer words are no slips of the finger, and comparing them takes time: what is compared may be hostile. */
const longest = 100

/** The known word that a mistyped one most likely means, for "did you mean"; undefined when none is near enough. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** {@link nearest} as the hint of an error. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const meant = nearest(word, known)
  return meant === undefined ? undefined : `did you mean ${meant}?`
}

/** Damerau's distance with adjacent swaps (optimal string alignment): insert, delete, replace and swap cost one each. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || a.length > longest) return limit
  let beforeLast: number[] = []
  let last = Array.from({length: b.length + 1}, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? limit
}
