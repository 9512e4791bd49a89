import {findObject, ifAllowed, type Kube, type KubeObject, listObjects} from '../kube/index.ts'
import {condition} from './ready.ts'

/** What cert-manager says of its last try to have a certificate made, and of the issuer: its Certificate tells neither. */
export async function whyNotIssued(kube: Kube, {apiVersion, metadata, spec}: KubeObject): Promise<string | undefined> {
  const {namespace = '', uid} = metadata
  const {kind = 'Issuer', name} = (spec as {issuerRef: {kind?: string; name: string}}).issuerRef
  const from = {apiVersion, kind, name, ...(kind === 'Issuer' && {namespace})}
  const [requests, issuer] = await Promise.all([
    ifAllowed(listObjects(kube, {apiVersion, kind: 'CertificateRequest'}, {namespace})),
    ifAllowed(findObject(kube, from)),
  ])
  const [last] = (requests?.items ?? [])
    .filter(request => request.metadata.ownerReferences?.some(owner => owner.uid === uid))
    .sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1))
  const said = last && (condition(last, 'Denied') ?? condition(last, 'Ready'))?.message
  const ready = issuer && condition(issuer, 'Ready')
  return ready?.status === 'False' ? `${said ?? ''}; ${kind} ${name}: ${ready.message}` : said
}
