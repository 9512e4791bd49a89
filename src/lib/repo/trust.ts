import {readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {configInvalid, type LocalSettings, writeAtomically} from '../config/index.ts'
import type {Digest} from '../package/index.ts'
import {withFileLock} from './lock.ts'
import {sourceOf} from './source.ts'

/** A package that this operator installed himself: its bytes in the cluster may be used again. */
export interface Trusted {
  digest: Digest
  name: string
  version: string
  /** RFC 3339. */
  since: string
}

/** The oldest beyond this many are forgotten. */
const KEPT = 2000

/**
 * Remembers that the operator chose this package. Say it of everything that is installed: a repository's folder may have moved on by
 * the time the app is configured again.
 */
export async function trustDigest(trusted: Omit<Trusted, 'since'>, {paths}: LocalSettings): Promise<void> {
  const file = trustFile(paths.stateDir)
  const {digest, name, version} = trusted
  await withFileLock(file, async () => {
    const others = (await readTrusted(file)).filter(other => other.digest !== digest)
    const digests = [...others, {digest, name, version, since: new Date().toISOString()}].slice(-KEPT)
    await writeAtomically(
      file,
      `${JSON.stringify({apiVersion: 'berth.dev/v1', kind: 'TrustedPackages', digests}, null, 1)}\n`,
      0o600,
    )
  })
}

/**
 * Whether bytes of this digest, found in the cluster where others may write, were installed by this operator or are in one of his
 * repositories. Name and version only say which of a repository's packages to hash: what counts is the digest. A repository that cannot
 * be read says nothing.
 */
export async function isTrusted(
  {digest, name, version}: Omit<Trusted, 'since'>,
  settings: LocalSettings,
): Promise<boolean> {
  const trusted = await readTrusted(trustFile(settings.paths.stateDir))
  if (trusted.some(each => each.digest === digest)) return true
  for (const repository of settings.repositories) {
    try {
      const source = sourceOf(repository)
      const same = (await source.list()).filter(each => each.name === name && each.version === version)
      for (const each of same) if ((await source.digest(each)) === digest) return true
    } catch {
      // Away or broken: it cannot vouch for anything. The answer stays no, which is the safe one.
    }
  }
  return false
}

const trustFile = (stateDir: string) => join(stateDir, 'trusted.json')

/** @throws UserError `config.invalid` when the list is broken or others may write to it: then it proves nothing */
async function readTrusted(file: string): Promise<Trusted[]> {
  const found = await stat(file).catch(() => undefined)
  if (!found) return []
  if ((found.mode & 0o022) !== 0)
    throw configInvalid(
      file,
      'others can write to the list of trusted packages',
      undefined,
      `chmod 600 ${file}, after looking at what is in it`,
    )
  try {
    const {digests} = JSON.parse(await readFile(file, 'utf8')) as {digests: Trusted[]}
    if (Array.isArray(digests) && digests.every(({digest}) => /^sha256:[0-9a-f]{64}$/.test(digest))) return digests
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error
  }
  throw configInvalid(
    file,
    'the list of trusted packages is broken',
    undefined,
    `remove it, and install from folders again what you trust: rm ${file}`,
  )
}
