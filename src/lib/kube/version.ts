import {withSignal} from './paths.ts'
import type {Kube} from './types.ts'

export interface ServerVersion {
  /** `v1.34.4` */
  gitVersion: string
  major: number
  minor: number
  /** `linux/amd64` */
  platform: string
}

/** The API server's version: also the cheapest way to find out whether it answers. */
export async function serverVersion(kube: Kube, {signal}: {signal?: AbortSignal} = {}): Promise<ServerVersion> {
  const {body} = await kube.request({method: 'GET', path: '/version', ...withSignal(signal)})
  const {gitVersion, major, minor, platform} = body as Record<string, string>
  // Some clouds say `34+`.
  return {
    gitVersion: gitVersion ?? '',
    major: Number.parseInt(major ?? '', 10),
    minor: Number.parseInt(minor ?? '', 10),
    platform: platform ?? '',
  }
}
