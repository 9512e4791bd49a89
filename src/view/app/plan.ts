import type {FieldChange, Outcome, Plan, Step} from '../../lib/app/index.ts'
import type {ObjectRef} from '../../lib/kube/index.ts'
import type {Terminal, View} from '../terminal.ts'
import {count, listOf} from '../words.ts'

/** What a changing command ends with: its plan, and how carrying it out ended; null under `--dry-run`. */
export interface OperationResult {
  plan: Plan
  outcome: Outcome | null
}

/** What holds nothing, and comes and goes with how many pods there are. */
const harmless = ['autoscaling/HorizontalPodAutoscaler', 'policy/PodDisruptionBudget', 'cert-manager.io/Certificate']

const groupKind = ({apiVersion, kind}: ObjectRef): string => apiVersion.replace(/\/.*/, `/${kind}`)

/** Why a plan wants a yes even from a program; undefined for a harmless one. */
export function riskOf(plan: Plan): string | undefined {
  const steps = stepsOf(plan)
  const deletes = steps.filter(step => step.do === 'delete').filter(({object}) => !harmless.includes(groupKind(object)))
  const data = deletes.filter(step => step.loses !== undefined)
  const released = steps.filter(step => step.do === 'release' && step.data === 'deleted')
  if (data.length + released.length > 0)
    return `it deletes data: ${listOf([...data.map(step => step.object.name), ...released.map(step => (step.do === 'release' ? step.parameter : ''))])}`
  const anew = plan.steps.filter(step => step.do === 'recreate')
  if (anew.length > 0) return `it makes ${listOf(anew.map(step => short(step.object)))} anew`
  return deletes.length > 0 ? `it deletes ${deletes.length} objects` : undefined
}

/** With those of plans for other apps. */
export const warningsOf = ({warnings, steps}: Plan): string[] => [
  ...warnings,
  ...steps.flatMap(step => (step.do === 'operation' ? warningsOf(step.plan) : [])),
]

/** Those on other apps, too. */
const stepsOf = (plan: Plan): Step[] =>
  plan.steps.flatMap(step => (step.do === 'operation' ? stepsOf(step.plan) : [step]))

export const planView: View<OperationResult> = ({plan}, terminal) =>
  [...planLines(plan, terminal), terminal.paint.dim(`hash ${plan.hash}`)].join('\n')

function planLines(plan: Plan, terminal: Terminal): string[] {
  const {paint} = terminal
  const what = plan.package === null ? '' : ` ${plan.package.name} ${plan.package.version}`
  const title = paint.bold(`Plan: ${plan.operation}${what} as ${plan.app.namespace}/${plan.app.name}`)
  const unverified = plan.checks
    .filter(check => check.status === 'unverified')
    .map(check => paint.yellow(`? ${check.message}`))
  const warnings = plan.warnings.map(warning => paint.yellow(`! ${warning}`))
  return [title, ...plan.steps.flatMap(step => stepLines(step, terminal)), ...unverified, ...warnings]
}

const short = ({kind, name}: ObjectRef): string => `${kind} ${name}`

function stepLines(step: Step, terminal: Terminal): string[] {
  const {paint} = terminal
  switch (step.do) {
    case 'create':
      return [`  ${paint.green('+')} ${short(step.object)}`]
    case 'update':
      return [
        `  ${paint.yellow('~')} ${short(step.object)}`,
        ...step.changes.map(change => `      ${changeLine(change)}`),
      ]
    case 'recreate':
      return [
        `  ${paint.red('±')} ${short(step.object)} is made anew${step.loses === undefined ? '' : paint.red(` (${step.loses})`)}`,
        ...step.changes.map(change => `      ${changeLine(change)}`),
        ...step.grows.map(name => `      volume ${name} grows first`),
      ]
    case 'keep':
      return [paint.dim(`  = ${short(step.object)} (${step.why})`)]
    case 'provision':
      return [
        `  ${paint.green('+')} ${step.rotates ? 'another credential' : step.interface} for ${step.parameter} at ${step.provider}${step.makes === undefined ? '' : `: ${step.makes}`}`,
      ]
    case 'request':
      return [
        `  ${paint.yellow('?')} request ${step.interface} for ${step.parameter} of ${step.provider}: you may not have it made there`,
      ]
    case 'generate':
      return [`  ${paint.green('+')} secrets: ${step.secrets.join(', ')}`]
    case 'task':
      return [`  ${paint.cyan('>')} run task ${step.task}`]
    case 'scale':
      return [`  ${paint.yellow('~')} ${short(step.object)}: ${step.from} → ${count(step.to, 'pod')}`]
    case 'suspend':
      return [`  ${paint.yellow('~')} ${short(step.object)} ${step.suspend ? 'is suspended' : 'goes on'}`]
    case 'restart':
      return [`  ${paint.yellow('~')} ${short(step.object)}: its pods are made anew`]
    case 'wait':
      return [paint.dim(`    wait for ${step.component}`)]
    case 'delete':
      return [
        `  ${paint.red('-')} ${short(step.object)}${step.loses === undefined ? '' : paint.red(` (${step.loses})`)}`,
      ]
    case 'release':
      return [
        `  ${paint.red('-')} ${step.parameter} at ${step.provider}: ${step.data === 'deleted' ? paint.red('its data is deleted') : 'its data is kept'}`,
      ]
    case 'operation':
      return planLines(step.plan, terminal).map(line => `  ${line}`)
  }
}

export function changeLine({field, from, to, drift}: FieldChange): string {
  const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value))
  const change = from === undefined && to === undefined ? 'changes' : `${show(from)} → ${show(to)}`
  return `${field}: ${change}${drift === undefined ? '' : ` (set by ${drift})`}`
}

const fromPackage = ({package: pkg}: Pick<Plan, 'package'>): string =>
  pkg === null ? '' : ` (${pkg.name} ${pkg.version})`

function orphanLines(orphan: string, {paint}: Terminal): string[] {
  const [namespace, name] = orphan.split('/')
  return [
    `left: ${orphan}, which was installed for it and is used by nobody`,
    paint.dim(`  berth app uninstall ${name} -n ${namespace}   removes that, too`),
  ]
}

const words = {
  install: 'installed',
  update: 'changed',
  uninstall: 'uninstalled',
  stop: 'stopped',
  start: 'started',
  restart: 'restarted',
  resume: 'done',
  abort: 'taken back',
}

function unchanged({operation, app}: Plan): string {
  const why = {stop: 'is stopped', start: 'is not stopped', restart: 'has no pods to make anew'} as Record<
    string,
    string
  >
  return `nothing to change: ${app.namespace}/${app.name} ${why[operation] ?? 'is as it shall be'}`
}

export const operationView: View<OperationResult> = (result, terminal) => {
  const {outcome, plan} = result
  if (!plan.changes) return unchanged(plan)
  if (outcome === null) return planView(result, terminal)
  const {paint} = terminal
  const name = `${outcome.app.namespace}/${outcome.app.name}`
  const done = words[outcome.operation]
  const from = fromPackage(outcome)
  const at = `${outcome.app.name} -n ${outcome.app.namespace}`
  const kept =
    outcome.retained.length === 0
      ? []
      : [
          `kept: ${outcome.retained.join(', ')}`,
          paint.dim(`  berth app uninstall ${at} --delete-data   deletes that, too`),
        ]
  const others = plan.steps.flatMap(step => {
    if (step.do !== 'operation') return []
    const {namespace, name: other} = step.plan.app
    // What was to go along, and had to stay, is told below.
    return outcome.orphans.includes(`${namespace}/${other}`) ? [] : [`${namespace}/${other}${fromPackage(step.plan)}`]
  })
  return [
    `${paint.green('✓')} ${paint.bold(name)} ${done}${from} in ${outcome.seconds.toFixed(1)} s`,
    ...(others.length === 0 ? [] : [`  with ${listOf(others)}`]),
    ...outcome.urls.map(url => `  ${paint.cyan(url)}`),
    ...(outcome.notes === null || terminal.quiet ? [] : ['', outcome.notes.trimEnd()]),
    ...kept,
    ...outcome.orphans.flatMap(orphan => orphanLines(orphan, terminal)),
    ...(plan.operation === 'install' && !terminal.quiet ? ['', paint.dim(`next: berth app status ${at}`)] : []),
  ].join('\n')
}
