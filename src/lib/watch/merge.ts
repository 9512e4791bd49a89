/**
 * Several sources as one, in the order in which they tell; a slow reader slows them all, since each has at most one thing on offer. Ends
 * with the last, fails with the first that does. Who stops reading ends the sources by their own signal.
 */
export async function* merge<T>(sources: AsyncIterable<T>[]): AsyncGenerator<T> {
  const offered: {value: T; taken: () => void}[] = []
  let wake = Promise.withResolvers<void>()
  let open = sources.length
  let failure: {error: unknown} | undefined
  const drain = async (source: AsyncIterable<T>) => {
    for await (const value of source)
      await new Promise<void>(taken => {
        offered.push({value, taken})
        wake.resolve()
      })
  }
  for (const source of sources)
    drain(source)
      .catch((error: unknown) => {
        failure ??= {error}
      })
      .finally(() => {
        open--
        wake.resolve()
      })
  while (true) {
    const next = offered.shift()
    if (next !== undefined) {
      yield next.value
      next.taken()
    } else if (failure !== undefined) throw failure.error
    else if (open === 0) return
    else {
      await wake.promise
      wake = Promise.withResolvers()
    }
  }
}
