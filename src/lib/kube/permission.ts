import {createHash} from 'node:crypto'
import {RemoteError} from '../errors.ts'
import type {RequestInfo} from './request-info.ts'
import type {StatusDetails} from './types.ts'

/** A 403 of RBAC: which rule is missing, and the two commands with which an administrator gives it. */
export function missingPermission(
  info: RequestInfo,
  said: string,
  common: {status: number; reason: string},
  details: StatusDetails,
): RemoteError {
  // The server's words know the verb that it really checked (deletecollection, escalate, …); the path is the fallback.
  const verb = /cannot ([a-z]+) resource/.exec(said)?.[1] ?? info.verb
  const resource = /resource "([^"]+)"/.exec(said)?.[1] ?? info.resource
  const user = /User "([^"]+)"/.exec(said)?.[1]
  const group = /in API group "([^"]*)"/.exec(said)?.[1] ?? info.group
  const where = info.namespace === undefined ? 'in the whole cluster' : `in the namespace ${info.namespace}`
  return new RemoteError('cluster.forbidden', {
    message: `${user ?? 'this user'} may not ${verb} ${resource}${group === '' ? '' : ` (${group})`} ${where}`,
    details: {
      ...details,
      verb,
      resource,
      group,
      user,
      rule: {apiGroups: [group], resources: [resource], verbs: [verb]},
    },
    hint: grantCommands({verbs: [verb], resources: [withGroup(resource, group)], namespace: info.namespace, user}),
    ...common,
  })
}

/** Rights that somebody lacks, in a namespace or in the whole cluster; resources as {@link withGroup} has them. */
export interface Lacking {
  verbs: string[]
  resources: string[]
  namespace: string | undefined
  user: string | undefined
}

/** The two commands with which an administrator gives them. What they make is called after what it allows whom, so it meets no other. */
export function grantCommands({verbs, resources, namespace, user}: Lacking): [role: string, binding: string] {
  const what = `--verb=${verbs} --resource=${resources}`
  const name =
    verbs.length * resources.length === 1
      ? `${verbs}-${`${resources}`.replace(/[^a-z0-9]+/g, '-')}`
      : `berth-${createHash('sha256').update(`${what} ${user}`).digest('hex').slice(0, 6)}`
  const [role, at] = namespace === undefined ? ['clusterrole', ''] : ['role', ` -n ${namespace}`]
  return [
    `kubectl create ${role} ${name} ${what}${at}`,
    `kubectl create ${role}binding ${name} --${role}=${name} ${subjectOf(user)}${at}`,
  ]
}

/** `deployments.apps/scale`: the form that kubectl takes. */
export const withGroup = (resource: string, group: string): string =>
  group === '' ? resource : resource.replace(/^[^/]+/, plural => `${plural}.${group}`)

/** Somebody, as `kubectl create rolebinding` takes them. */
export function subjectOf(user: string | undefined): string {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user ?? '')
  if (account !== null) return `--serviceaccount=${account[1]}:${account[2]}`
  return `--user=${user === undefined ? 'NAME' : shellWord(user)}`
}

/** As one word of a command to paste: names of some kinds may hold almost anything. */
export const shellWord = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
