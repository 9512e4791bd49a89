import type {AppRef, Binding} from '../anchor/index.ts'
import {boundService, formatRef} from '../anchor/index.ts'
import type {Kube} from '../kube/index.ts'
import {readyBehind} from './endpoints.ts'
import type {Remedy} from './remedies.ts'

/** Whose the object is, and what it uses. */
export interface Concern {
  app: AppRef
  bindings: Record<string, Binding>
  signal?: AbortSignal
}

const refused =
  /authentication failed|access denied for user|WRONGPASS|NOAUTH|login incorrect|invalid (user(name)?|password|credentials)|(role|database) "[^"]*" does not exist/i
const unreachable =
  /connection refused|ECONNREFUSED|no such host|ENOTFOUND|i\/o timeout|could not connect|no route to host|EHOSTUNREACH/i

/** Does this line of an app's log complain of a provider? Of which one, and what stands in the way. */
export async function bindingTrouble(
  kube: Kube,
  {app, bindings, signal}: Concern,
  line: string,
): Promise<{reason: string; message: string; remedy: Remedy} | undefined> {
  const kind = refused.test(line) ? 'refused' : unreachable.test(line) ? 'unreachable' : undefined
  if (kind === undefined) return undefined
  const toApps = Object.entries(bindings).filter(([, {provider}]) => 'app' in provider)
  const [parameter, binding] =
    toApps.find(([, {outputs}]) => names(outputs, line)) ??
    (kind === 'refused' && toApps.length === 1 ? toApps : [])[0] ??
    []
  if (parameter === undefined || binding === undefined || !('app' in binding.provider)) return undefined
  const {app: provider, endpoint} = binding.provider
  const outside = boundService(binding.provider)
  const services = await readyBehind(kube, provider.namespace, outside ? [] : [`${provider.name}-${endpoint}`], signal)
  const ready = services?.get(`${provider.name}-${endpoint}`)
  const answers = ready === undefined ? '' : ready === 0 ? ', of which no pod is ready,' : ', which answers,'
  return kind === 'refused' && ready !== 0
    ? {
        reason: 'LoginRefused',
        message: `${formatRef(provider)}${answers} refuses the login of its ${parameter}`,
        remedy: {
          run: `berth binding refresh ${app.name} ${parameter} -n ${app.namespace}`,
          say: 'have its provider set the login again',
        },
      }
    : {
        reason: 'ProviderUnreachable',
        message: `it does not reach its ${parameter} at ${formatRef(provider)}${answers.replace(/,$/, '')}`,
        remedy: outside
          ? {
              run: `berth service check ${outside.name} -n ${outside.namespace}`,
              say: 'whether its provider can be reached',
            }
          : {run: `berth app status ${provider.name} -n ${provider.namespace}`, say: 'how its provider stands'},
      }
}

/** Its user, database, host or port. */
const names = (outputs: Binding['outputs'], line: string): boolean =>
  Object.values(outputs).some(value =>
    typeof value === 'number'
      ? line.includes(`:${value}`)
      : typeof value === 'string' && value.length > 3 && line.includes(value),
  )
