import type {AskOptions, Kube} from './types.ts'

/** What someone would do, in the words of RBAC. */
export interface Access {
  verb: string
  /** `''` for the core group. */
  group: string
  /** Plural, `*` for all. */
  resource: string
  subresource?: string
  name?: string
  /** All namespaces, or the cluster, when left out. */
  namespace?: string
}

export interface AccessAnswer {
  access: Access
  allowed: boolean
  /** Why, where the authorizer says so. */
  reason: string
}

/** One line of what {@link rulesIn} knows; an empty `resourceNames` means all. */
export interface AccessRule {
  verbs: string[]
  apiGroups: string[]
  resources: string[]
  resourceNames: string[]
}

export interface AccessRules {
  rules: AccessRule[]
  /** An authorizer in front of RBAC (a webhook, a node) could not list its rules: what is not in here may be allowed all the same. */
  incomplete: boolean
}

export interface Identity {
  username: string
  uid: string | undefined
  groups: string[]
}

/** Asks the server about each access, eight at a time, answers in the order of the questions. Needs no permission itself. */
export async function canI(kube: Kube, accesses: readonly Access[], options: AskOptions = {}): Promise<AccessAnswer[]> {
  const answers: AccessAnswer[] = []
  const waiting = accesses.entries()
  const worker = async () => {
    for (const [index, access] of waiting) answers[index] = await ask(kube, access, options)
  }
  await Promise.all(Array.from({length: Math.min(8, accesses.length)}, worker))
  return answers
}

/** All that we may do in a namespace, in one request. Rules of the whole cluster are in it. */
export async function rulesIn(kube: Kube, namespace: string, options: AskOptions = {}): Promise<AccessRules> {
  const status = await review(kube, 'authorization.k8s.io/v1', 'SelfSubjectRulesReview', {namespace}, options)
  const {resourceRules, incomplete} = status as {resourceRules?: Partial<AccessRule>[]; incomplete?: boolean}
  const rules = (resourceRules ?? []).map(({verbs = [], apiGroups = [], resources = [], resourceNames = []}) => ({
    verbs,
    apiGroups,
    resources,
    resourceNames,
  }))
  return {rules, incomplete: incomplete ?? false}
}

/** Whether the rules allow it. With `incomplete` rules, a no is only a "not known": ask {@link canI}. */
export function rulesAllow({rules}: AccessRules, access: Access): boolean {
  const {verb, group, resource, subresource, name} = access
  const resources =
    subresource === undefined ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*']
  return rules.some(
    rule =>
      (rule.verbs.includes('*') || rule.verbs.includes(verb)) &&
      (rule.apiGroups.includes('*') || rule.apiGroups.includes(group)) &&
      rule.resources.some(each => resources.includes(each)) &&
      (rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name))),
  )
}

/**
 * What of this we may not do in a namespace: one request, and one for each doubt where an authorizer cannot list its rules (a webhook).
 */
export async function missingIn(
  kube: Kube,
  namespace: string,
  needed: readonly Access[],
  options: AskOptions = {},
): Promise<Access[]> {
  const rules = await rulesIn(kube, namespace, options)
  const unsure = needed.filter(access => !rulesAllow(rules, access))
  if (!rules.incomplete) return unsure
  const answers = await canI(kube, unsure, options)
  return answers.filter(answer => !answer.allowed).map(answer => answer.access)
}

/** Whom the server takes us for (Kubernetes 1.28 and later). */
export async function whoAmI(kube: Kube, options: AskOptions = {}): Promise<Identity> {
  const status = await review(kube, 'authentication.k8s.io/v1', 'SelfSubjectReview', undefined, options)
  const {userInfo} = status as {userInfo?: {username?: string; uid?: string; groups?: string[]}}
  return {username: userInfo?.username ?? '', uid: userInfo?.uid || undefined, groups: userInfo?.groups ?? []}
}

async function ask(kube: Kube, access: Access, options: AskOptions): Promise<AccessAnswer> {
  const spec = {resourceAttributes: access}
  const status = await review(kube, 'authorization.k8s.io/v1', 'SelfSubjectAccessReview', spec, options)
  const {allowed, reason, evaluationError} = status as {allowed?: boolean; reason?: string; evaluationError?: string}
  return {access, allowed: allowed ?? false, reason: reason || evaluationError || ''}
}

/** A question in the form of an object; nothing is stored, so that asking again is harmless. */
async function review(
  kube: Kube,
  apiVersion: string,
  kind: string,
  spec: object | undefined,
  {signal}: AskOptions,
): Promise<object> {
  const {body} = await kube.request({
    method: 'POST',
    path: `/apis/${apiVersion}/${kind.toLowerCase()}s`,
    body: {apiVersion, kind, ...(spec !== undefined && {spec})},
    repeatable: true,
    signal,
  })
  return (body as {status?: object}).status ?? {}
}
