import coerce from 'semver/functions/coerce.js'
import lte from 'semver/functions/lte.js'
import satisfies from 'semver/functions/satisfies.js'
import type {Manifest} from './manifest-schema.ts'

/** Why a version does not take over from another; undefined where it does. */
export function whyNoTakeover(
  now: {name: string; version: string; appVersion?: string | undefined},
  {name, version, compatibility}: Manifest,
): string | undefined {
  const from = compatibility?.upgradeFrom
  if (now.name !== name) return `${name} is another package`
  if (now.version !== version && lte(version, now.version))
    return `${version} is older: going back is no matter of course`
  if (from?.version !== undefined && !satisfies(now.version, from.version))
    return `${name} ${version} takes over from ${from.version} only`
  const running = coerce(now.appVersion)
  if (from?.appVersion !== undefined && running !== null && !satisfies(running, from.appVersion))
    return `${name} ${version} takes over from ${from.appVersion} (of the application) only`
  return undefined
}
