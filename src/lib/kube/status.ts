import type {ErrorCode} from '../error-codes.ts'
import {RemoteError} from '../errors.ts'
import {missingPermission} from './permission.ts'
import {type RequestInfo, requestInfo} from './request-info.ts'
import type {KubeRequest, Status, StatusCause, StatusDetails, Target} from './types.ts'

/** The typed error for an answer >= 400. Nothing of the request's body goes into it. */
export function remoteError(target: Target, request: KubeRequest, code: number, body: unknown): RemoteError {
  const info = requestInfo(request)
  const given = readStatus(body, code)
  const status = quiet(given, request, info)
  const causes = status.details?.causes ?? []
  const details: StatusDetails = {...info, causes}
  const said = ofKubelet(status.message ?? `HTTP ${code}`)
  const common = {status: code, reason: status.reason ?? reasonOf(code)}
  if (code === 401) return unauthorized(target, common)
  if (isConflictOfManagers(status)) {
    const conflicts = causes.filter(cause => cause.reason === 'FieldManagerConflict')
    return new RemoteError('object.conflict', {
      message: said,
      details: {...details, conflicts: conflicts.map(readConflict)},
      ...common,
    })
  }
  if (code === 403 && /\bcannot\b .+ resource |\bcannot\b .+ path /.test(said))
    return missingPermission(info, said, common, details)
  const {labelSelector} = request.query ?? {}
  if (code === 400 && labelSelector !== undefined && /^(unable to parse requirement|found ')/.test(said))
    return new RemoteError('usage.invalid', {
      message: `the labels "${labelSelector}" cannot be read: ${said}`,
      details,
      hint: "-l 'key=value,other!=value,key in (a,b)'",
      ...common,
    })
  return new RemoteError(codeOf(code, given), {message: said, details, ...common, ...hintFor(status)})
}

/** What the API server could not ask a node: without the request, which may hold a whole script. */
export const ofKubelet = (said: string): string =>
  said.replace(
    /^(?:Internal error occurred: )?(?:error sending request: )?(?:Get|Post) "https:\/\/([^/"]+)[^"]*": /,
    'the node at $1 cannot be asked: ',
  )

function codeOf(code: number, status: Status): ErrorCode {
  if (code === 404 && status.details?.kind === 'namespaces') return 'namespace.not-found'
  // Quota refusals share 403 with permissions; the text is all there is to tell them apart (kubernetes/kubernetes#107085).
  if (code === 403 && /exceeded quota:/.test(status.message ?? '')) return 'quota.exceeded'
  if (code === 403) return grantsMore.test(status.message ?? '') ? 'cluster.forbidden' : 'cluster.rejected'
  // An apply whose object does not fit the schema is a 500 without a reason (seen with 1.34), and stays one.
  if (code === 500 && typedPatch.test(status.message ?? '')) return 'cluster.rejected'
  return code === 429 || code >= 500 ? 'cluster.unavailable' : 'cluster.rejected'
}

const grantsMore = /attempting to grant RBAC permissions/
const typedPatch = /^failed to (?:create typed patch|convert new) object|illegal base64 data|json: cannot unmarshal/

function hintFor(status: Status): {hint?: string} {
  if (grantsMore.test(status.message ?? ''))
    return {
      hint: 'whoever has these rights does this, or gives them to you first: nobody can hand on more than they have',
    }
  const name = status.details?.name
  return status.details?.kind === 'namespaces' && status.reason === 'NotFound' && name !== undefined
    ? {hint: `kubectl create namespace ${name}`}
    : {}
}

const unauthorized = (target: Target, common: {status: number; reason: string}) =>
  new RemoteError('cluster.unauthorized', {
    message: `${target.server} does not accept the credentials${target.user === undefined ? '' : ` of the kubeconfig's user ${target.user}`}`,
    details: {server: target.server, context: target.context, user: target.user},
    hint: 'log in again, or have the token or certificate renewed: they may have expired',
    ...common,
  })

/** A `Status`, or what a proxy in between wrote: then only the first words of a text, never markup. */
export function readStatus(body: unknown, code: number): Status {
  if (typeof body === 'object' && body !== null && ('message' in body || 'reason' in body)) return body as Status
  const text =
    typeof body === 'string' && !body.trimStart().startsWith('<') ? body.trim().split('\n')[0]?.slice(0, 200) : ''
  return {message: text ? `HTTP ${code}: ${text}` : `HTTP ${code} without an explanation`, code}
}

/** `conflict with "kubectl" using apps/v1` for the field `.spec.replicas` */
function readConflict(cause: StatusCause): {
  manager: string | undefined
  field: string | undefined
  message: string | undefined
} {
  return {manager: /conflict with "([^"]+)"/.exec(cause.message ?? '')?.[1], field: cause.field, message: cause.message}
}

const isConflictOfManagers = (status: Status) =>
  status.reason === 'Conflict' && (status.details?.causes ?? []).some(cause => cause.reason === 'FieldManagerConflict')

/** Refusals that never quote the object. Everything else may (`.stringData.password: expected string, got &value.valueUnstructured{Value:12345}`). */
const discreet = new Set([
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Forbidden',
  'Unauthorized',
  'Timeout',
  'ServerTimeout',
  'TooManyRequests',
  'Expired',
  'Gone',
])

/** For writes of Secrets the server's words are kept only where they cannot hold a value. */
function quiet(status: Status, request: KubeRequest, info: RequestInfo): Status {
  if (request.method === 'GET' || !isSecretWrite(info) || discreet.has(status.reason ?? '')) return status
  const causes = (status.details?.causes ?? []).map(({reason, field}) => ({
    ...(reason && {reason}),
    ...(field && {field}),
  }))
  const fields = causes.map(cause => cause.field).filter(field => field !== undefined)
  const message = `the API server refused the Secret${info.name === undefined ? '' : ` ${info.name}`}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}; its explanation is held back, it may quote a value`
  return {...status, message, details: {...status.details, causes}}
}

const isSecretWrite = (info: RequestInfo) => info.resource === 'secrets' || info.resource === 'serviceaccounts/token'

function reasonOf(code: number): string {
  const reasons: Record<number, string> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    405: 'MethodNotAllowed',
    406: 'NotAcceptable',
    409: 'Conflict',
    410: 'Gone',
    413: 'RequestEntityTooLarge',
    415: 'UnsupportedMediaType',
    422: 'Invalid',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  }
  return reasons[code] ?? 'Unknown'
}

const has = (error: unknown, ...reasons: string[]) =>
  error instanceof RemoteError && reasons.includes(error.reason ?? '')
const isStatus = (error: unknown, status: number) => error instanceof RemoteError && error.status === status

/** The object, its namespace, or its kind is not there. */
export const isNotFound = (error: unknown): error is RemoteError => isStatus(error, 404)
/** Changed since it was read, or another uid than the precondition; not the conflict of field managers, see {@link isManagerConflict}. */
export const isConflict = (error: unknown): error is RemoteError => has(error, 'Conflict') && !isManagerConflict(error)
/** Another manager owns fields of a server-side apply: who and which in `details.conflicts`. */
export const isManagerConflict = (error: unknown): error is RemoteError =>
  error instanceof RemoteError && error.code === 'object.conflict'
export const isAlreadyExists = (error: unknown): error is RemoteError => has(error, 'AlreadyExists')
/** A permission is missing (not: a quota or an admission rule, which are 403 as well). */
export const isForbidden = (error: unknown): error is RemoteError =>
  error instanceof RemoteError && error.code === 'cluster.forbidden'
/** A `continue` token or resource version that etcd has compacted away. @public */
export const isGone = (error: unknown): error is RemoteError => isStatus(error, 410) || has(error, 'Expired', 'Gone')
/** What is asked for; undefined where a permission for it is missing. */
export const ifAllowed = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error: unknown) => {
    if (isForbidden(error)) return undefined
    throw error
  })
/** The object does not validate, or names unknown fields. */
export const isInvalid = (error: unknown): error is RemoteError => isStatus(error, 422) || isStatus(error, 400)
export const isUnknownKind = (error: unknown): error is RemoteError => has(error, 'UnknownKind')
/** No connection, or an answer that says "not now": worth trying again later. */
export const isUnavailable = (error: unknown): error is RemoteError =>
  error instanceof RemoteError && (error.code === 'cluster.unreachable' || error.code === 'cluster.unavailable')
