import type {AppRef} from '../anchor/index.ts'
import type {ChangeOptions, ChangeRequest, Lib} from './types.ts'
import {readPresent} from './update.ts'

/**
 * An update of an app to the answers that it has: what these refer to may have changed.
 * @throws UserError as {@link readPresent}
 */
export async function refreshRequest(lib: Lib, ref: AppRef, options: ChangeOptions): Promise<ChangeRequest> {
  const {pkg, origin, answers} = await readPresent(lib, ref)
  return {ref, pkg, origin, answers: {answers, errors: [], positions: new Map()}, options}
}
