import type {AppRef} from '../anchor/index.ts'
import {applySetId, label, managedBy} from '../anchor/index.ts'
import type {KubeObject} from '../kube/index.ts'
import {ifAllowed, listObjects} from '../kube/index.ts'
import {kindKey} from './identity.ts'
import type {Check, Compared, DesiredObject, Lib} from './types.ts'

const ingress = {apiVersion: 'networking.k8s.io/v1', kind: 'Ingress'}

interface IngressSpec {
  ingressClassName?: string
  rules?: {host?: string; http?: {paths?: {path?: string}[]}}[]
}

const specOf = ({spec}: KubeObject): IngressSpec => spec ?? {}

/** What an Ingress answers: `news.example.com/`. */
const placesOf = (object: KubeObject): string[] =>
  (specOf(object).rules ?? []).flatMap(({host = '*', http}) =>
    (http?.paths ?? [{}]).map(({path = '/'}) => `${host}${path}`),
  )

/**
 * Is a host name that this change brings another Ingress's already? Two may share one on purpose (a canary, a move), so that is told and not
 * refused. One list, only where an Ingress is written.
 */
export async function checkHosts(
  {kube, signal}: Pick<Lib, 'kube' | 'signal'>,
  app: AppRef,
  desired: DesiredObject[],
  compared: Compared[],
): Promise<{warnings: string[]; checks: Check[]}> {
  const written = new Set(compared.flatMap(({id, step, unverified}) => (step.do === 'keep' || unverified ? [] : id)))
  const own = desired.filter(({id, object}) => kindKey(object) === 'Ingress.networking.k8s.io' && written.has(id))
  if (own.length === 0) return {warnings: [], checks: []}
  const everywhere = await ifAllowed(listObjects(kube, ingress, {signal}))
  const {namespace} = app
  const {items = []} = everywhere ?? (await ifAllowed(listObjects(kube, ingress, {namespace, signal}))) ?? {}
  const others = items.filter(({metadata}) => metadata.labels?.[label.partOf] !== applySetId(app))
  const warnings = own.flatMap(({object}) =>
    placesOf(object).flatMap(place =>
      others
        .filter(other => placesOf(other).includes(place) && sameController(object, other))
        .map(
          other =>
            `${nameOf(other)} answers ${place}, too: give one of the two another host, or requests may go to either`,
        ),
    ),
  )
  const hosts = own.flatMap(({object}) => placesOf(object)).join(', ')
  const message = `you may not list the Ingresses of all namespaces: whether another app answers ${hosts}, too, is not known`
  return {warnings, checks: everywhere === undefined ? [{name: 'hosts', status: 'unverified', message}] : []}
}

/** One that names no class is the default's, whichever that is. */
function sameController(one: KubeObject, other: KubeObject): boolean {
  const [first, second] = [specOf(one).ingressClassName, specOf(other).ingressClassName]
  return first === undefined || second === undefined || first === second
}

function nameOf({metadata: {namespace, name, labels = {}}}: KubeObject): string {
  const {[label.managedBy]: by, [label.instance]: instance} = labels
  const whose = by === managedBy && instance !== undefined ? ` of the app ${namespace}/${instance}` : ''
  return `Ingress ${namespace}/${name}${whose}`
}
