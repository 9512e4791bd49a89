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
    hint: remedy({
      verb,
      resource: group === '' ? resource : withGroup(resource, group),
      namespace: info.namespace,
      user,
    }),
    ...common,
  })
}

interface Missing {
  verb: string
  resource: string
  namespace: string | undefined
  user: string | undefined
}

function remedy({verb, resource, namespace, user}: Missing): string[] {
  const name = `${verb}-${resource.replace(/[^a-z0-9]+/g, '-')}`
  const subject = subjectOf(user)
  return namespace === undefined
    ? [
        `kubectl create clusterrole ${name} --verb=${verb} --resource=${resource}`,
        `kubectl create clusterrolebinding ${name} --clusterrole=${name} ${subject}`,
      ]
    : [
        `kubectl create role ${name} --verb=${verb} --resource=${resource} -n ${namespace}`,
        `kubectl create rolebinding ${name} --role=${name} ${subject} -n ${namespace}`,
      ]
}

/** `deployments.apps/scale`: the form that kubectl takes. */
const withGroup = (resource: string, group: string) => resource.replace(/^[^/]+/, plural => `${plural}.${group}`)

function subjectOf(user: string | undefined): string {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user ?? '')
  if (account !== null) return `--serviceaccount=${account[1]}:${account[2]}`
  return `--user=${user === undefined ? 'NAME' : shellWord(user)}`
}

/** As one word of a command to paste: names of some kinds may hold almost anything. */
export const shellWord = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
