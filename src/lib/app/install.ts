import {findPresent, prepareChange, refuseExisting} from './prepare.ts'
import type {InstallRequest, Lib, Plan} from './types.ts'

export {install} from './change-under.ts'

/** What an install would do. Changes nothing. @throws UserError for everything that stands in its way, all at once where it can */
export async function planInstall(lib: Lib, request: InstallRequest): Promise<Plan> {
  const anchor = await findPresent(lib, request.ref)
  refuseExisting(request.ref, anchor)
  return (await prepareChange(lib, request, anchor)).plan
}
