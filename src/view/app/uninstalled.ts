import type {View} from '../terminal.ts'
import {type AppOperated, appsOperatedView} from './operated.ts'

/** The end of an app. With `--cascade` the hash of its plan stands for those of its users, too. */
export interface UninstallResult extends AppOperated {
  /** Apps that used it and went before it, in that order. */
  users: AppOperated[]
}

export const uninstallView: View<UninstallResult> = ({users, ...own}, terminal) =>
  appsOperatedView({items: [...users, own], hash: own.plan.hash}, terminal)
