import type {AppRef, Lock} from '../anchor/index.ts'
import {formatRef} from '../anchor/index.ts'
import type {Lib} from './types.ts'

/**
 * One step of a running operation: interrupts count before it begins, the anchor says what is being done, the listeners hear of its
 * begin and end.
 */
export async function step<T>(lib: Lib, lock: Lock, name: string, title: string, work: () => Promise<T>): Promise<T> {
  lib.signal.throwIfAborted()
  await lock.step(name)
  lib.report({type: 'step-started', step: name, title})
  try {
    const result = await work()
    lib.report({type: 'step-done', step: name, title})
    return result
  } catch (error) {
    lib.report({
      type: 'step-failed',
      step: name,
      title,
      message: error instanceof Error ? error.message : String(error),
    })
    throw error
  }
}

/** Steps of several apps at a time say whose they are. */
export const inTheNameOf = (lib: Lib, ref: AppRef): Lib => ({
  ...lib,
  report: event => {
    if (!('step' in event)) return lib.report(event)
    const named = {...event, step: `${formatRef(ref)} ${event.step}`}
    lib.report('title' in named ? {...named, title: `${formatRef(ref)}: ${named.title}`} : named)
  },
})
