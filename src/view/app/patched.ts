import type {AppRef} from '../../lib/anchor/index.ts'
import type {Outcome, Patches, Plan} from '../../lib/app/index.ts'
import type {View} from '../terminal.ts'
import {toYaml} from '../yaml.ts'
import {operationView} from './plan.ts'

/** The patches of an app; with the plan that changed them, and how that ended. */
export interface PatchResult {
  app: AppRef
  patches: Patches
  plan: Plan | null
  outcome: Outcome | null
}

export const patchView: View<PatchResult> = ({patches, plan, outcome}, terminal) => {
  if (plan !== null) return operationView({plan, outcome}, terminal)
  return Object.keys(patches).length === 0 ? 'nothing is patched' : toYaml(patches).replace(/\n$/, '')
}
