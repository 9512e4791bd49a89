import type {View} from './terminal.ts'

/** What `berth --version --json` prints. */
export interface Version {
  version: string
  /** Of Node, with its `v`. */
  node: string
  /** `linux-x64` */
  platform: string
}

export const versionView: View<Version> = ({version}) => `berth ${version}`
