import {stripVTControlCharacters} from 'node:util'
import {RemoteError, UserError} from '../errors.ts'
import type {Kube, KubeObject, ObjectEvent} from '../kube/index.ts'
import {eventsOf, isInvalid, readLogs, refOf} from '../kube/index.ts'
import {bindingTrouble, type Concern} from './binding-trouble.ts'
import {isIssued, objectId} from './identity.ts'
import {whyNotIssued} from './issuing-trouble.ts'
import {containersOf, type Fault} from './ready.ts'
import {type Remedy, remedyFor} from './remedies.ts'

/** What is known about a fault: enough to mend it without another tool. */
export interface Diagnosis {
  object: string
  reason: string
  message: string
  container?: string
  /** The probable cause, in one line. */
  cause: string
  remedy: Remedy
  /** The app is well all the same, so far. */
  bearable?: true
  /** Newest last. */
  events: string[]
  logs: string[]
}

/**
 * Gathers the evidence around a fault (events of the object, the last lines of the failing container) and says what it comes to. Undefined
 * where only events could show that something is wrong, and none does.
 */
export async function diagnose(
  kube: Kube,
  concern: Concern,
  object: KubeObject,
  fault: Fault,
): Promise<Diagnosis | undefined> {
  const [warnings, logs] = await Promise.all([
    lastWarnings(kube, concern, object),
    lastLogs(kube, concern, object, fault),
  ])
  const shown = Array.isArray(warnings)
    ? warnings.findLast(({reason, message}) => fault.shownBy?.includes(reason) && message !== '')
    : undefined
  if (fault.shownBy !== undefined && shown === undefined) return undefined
  const events = Array.isArray(warnings) ? warnings.map(({reason, message}) => `${reason}: ${message}`) : [warnings]
  const line = tellingLine(logs)
  const why = isIssued(object) ? await whyNotIssued(kube, object) : undefined
  const found = await sharpen(
    kube,
    concern,
    {...fault, message: shown?.message ?? oneLine(why ?? fault.message)},
    events,
    line,
  )
  const where = `${object.kind} ${object.metadata.name}${fault.container === undefined ? '' : `, container ${fault.container}`}`
  const said = line === undefined || found.reason === 'Unhealthy' ? '' : `; its log: ${line}`
  return {
    object: objectId(refOf(object)),
    reason: found.reason,
    message: found.message,
    ...(fault.container !== undefined && {container: fault.container}),
    cause: `${where}: ${found.reason}: ${found.message}${said}`,
    remedy: found.remedy ?? (await remedyFor(kube, concern.app, object, {...fault, ...found})),
    ...(fault.bearable && {bearable: fault.bearable}),
    events,
    logs,
  }
}

/** A diagnosis for the error of an operation: one line, and the evidence below it. */
export const describe = ({object, reason, message, events, logs}: Diagnosis): string =>
  [
    `${object}: ${reason}: ${message}`,
    ...events.slice(-2).map(line => `  event: ${line}`),
    ...logs.slice(-5).map(line => `  log: ${line}`),
  ].join('\n')

/** A diagnosis as the end of an operation. */
export function failureOf(diagnosis: Diagnosis): UserError {
  const {remedy, ...details} = diagnosis
  const {run, config, say} = remedy
  const answer = config ? `${say}: app config with ${config}` : say
  const hint = run === undefined ? answer : `${run}   ${say}`
  return new UserError('operation.failed', {message: describe(diagnosis), details, hint})
}

interface Found {
  reason: string
  message: string
  remedy?: Remedy
}

/** What the log and the events say more precisely than the object's status does. */
async function sharpen(
  kube: Kube,
  concern: Concern,
  fault: Found,
  events: string[],
  line: string | undefined,
): Promise<Found> {
  if (line !== undefined && /no space left on device|disk quota exceeded|ENOSPC/i.test(line))
    return {reason: 'NoSpaceLeft', message: `its volume is full: ${fault.message}`}
  if (/\(OOMKilled\)/.test(fault.message)) return {...fault, reason: 'OOMKilled'}
  // Killed by the kubelet, which says so in an event only.
  const probe =
    /exit code (137|143)\b/.test(fault.message) && events.findLast(each => /Liveness probe failed/.test(each))
  if (probe) return {reason: 'Unhealthy', message: `${probe.replace(/^Unhealthy: /, '')}: ${fault.message}`}
  const trouble = line === undefined ? undefined : await bindingTrouble(kube, concern, line)
  return trouble === undefined ? fault : {...trouble, message: `${trouble.message}: ${fault.message}`}
}

async function lastWarnings(kube: Kube, {signal}: Concern, object: KubeObject): Promise<ObjectEvent[] | string> {
  try {
    const events = await eventsOf(kube, object, {signal})
    const warnings = events.filter(({type}) => type === 'Warning').slice(-5)
    return warnings.map(event => ({...event, reason: oneLine(event.reason), message: oneLine(event.message)}))
  } catch (error) {
    return unavailable('events', error)
  }
}

/** Reasons that a log explains. */
const explainedByLog = new Set(['CrashLoopBackOff', 'Restarting', 'Failed', 'Unhealthy'])

/** The last lines of the run that went wrong, or of the other where that one is not kept. */
async function lastLogs(kube: Kube, {signal}: Concern, object: KubeObject, fault: Fault): Promise<string[]> {
  if (object.kind !== 'Pod' || fault.container === undefined || !explainedByLog.has(fault.reason)) return []
  const {namespace = '', name} = object.metadata
  const at = {namespace, pod: name, container: fault.container, tail: 20, signal}
  const state = containersOf(object).find(container => container.name === fault.container)?.state
  const read = (previous: boolean) =>
    readLogs(kube, {...at, previous}).then(linesOf, (error: unknown) => {
      if (isInvalid(error)) return [] // there was no such run
      throw error
    })
  try {
    if (fault.reason === 'Unhealthy') return await read(false)
    const previous = state?.terminated === undefined
    const lines = await read(previous)
    return lines.length > 0 ? lines : await read(!previous)
  } catch (error) {
    return [unavailable('logs', error)]
  }
}

/** A kubelet says in the log itself that a log is not there any more. */
const linesOf = (log: string): string[] =>
  log
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('unable to retrieve container logs for '))
    .map(oneLine)

/** The last line that speaks of an error, else the last. */
const tellingLine = (logs: string[]): string | undefined =>
  logs.findLast(line => /error|fatal|panic|exception|denied|refused|failed|cannot|no space/i.test(line)) ?? logs.at(-1)

/** Logs and events are anyone's words: nothing in them shall move the cursor of who reads them. */
const oneLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 500)

/** Evidence that cannot be had is no reason to hide the fault itself: the line says why it is missing. */
function unavailable(what: string, error: unknown): string {
  if (error instanceof RemoteError) return `(${what} cannot be read: ${error.message})`
  throw error
}
