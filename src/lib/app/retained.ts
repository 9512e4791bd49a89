import type {AppRef, RetainedData, Revision} from '../anchor/index.ts'
import {listRevisionSecrets, readRevisionSecret} from '../anchor/index.ts'
import type {Lib} from './types.ts'

/** What an uninstalled app left, as an anchor would name it; undefined where nothing was kept. */
export async function leftOf(
  {kube}: Pick<Lib, 'kube'>,
  ref: AppRef,
): Promise<{revision: Revision; data: RetainedData} | undefined> {
  const kept = (await listRevisionSecrets(kube, ref)).find(secret => secret.retained !== undefined)
  if (kept?.retained === undefined) return undefined
  const {revision} = await readRevisionSecret(kube, ref, kept.name)
  const claims = kept.retained.claims.map(name => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: ref.namespace,
    name,
  }))
  return {revision: {...revision, inventory: claims}, data: kept.retained}
}
