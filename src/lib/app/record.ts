import type {Anchor, Deed} from '../anchor/index.ts'
import {annotation, formatRef, label, managedBy, recordEvent} from '../anchor/index.ts'
import type {Lib} from './types.ts'

/** CamelCase, as `kubectl get events` shows them. */
const reasons: Record<string, string> = {reveal: 'SecretRevealed'}
const reasonOf = ({kind, outcome}: Deed): string =>
  reasons[kind] ?? `${kind[0]?.toUpperCase()}${kind.slice(1)}${outcome[0]?.toUpperCase()}${outcome.slice(1)}`

/** Records what was done to an app, for `berth log` and whoever looks at events. @throws RemoteError `cluster.forbidden` */
export async function recordDeed(lib: Lib, {ref, raw}: Anchor, deed: Deed): Promise<void> {
  const {identity} = lib.holder
  const said = deed.message === undefined ? '' : `: ${deed.message}`
  await recordEvent(lib.kube, {identity, now: lib.now()}, raw, {
    type: deed.outcome === 'failed' ? 'Warning' : 'Normal',
    reason: reasonOf(deed),
    action: deed.kind,
    message: `${deed.kind} of ${formatRef(ref)} by ${deed.who} on ${identity.host}: ${deed.outcome}${said}`,
    labels: {[label.managedBy]: managedBy, [label.kind]: 'deed', [label.app]: ref.name},
    annotations: {[annotation.deed]: JSON.stringify(deed)},
  })
}

/** The same at the end of an operation, which it does not make fail. */
export async function recordEnd(lib: Lib, anchor: Anchor, deed: Deed): Promise<void> {
  try {
    await recordDeed(lib, anchor, deed)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    lib.report({type: 'warning', message: `berth log will not show this ${deed.kind} once the app is gone: ${why}`})
  }
}
