import type {View} from '../terminal.ts'
import {type AppOperated, appsOperatedView} from './operated.ts'

/** A secret made anew. With `--roll` the hash of its plan stands for those of its users, too. */
export interface RotateResult extends AppOperated {
  /** Apps that use it, and were refreshed after it. */
  users: AppOperated[]
}

export const rotateView: View<RotateResult> = ({users, ...own}, terminal) =>
  appsOperatedView({items: [own, ...users], hash: own.plan.hash}, terminal)
