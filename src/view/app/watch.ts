import type {AppChange, AppSnapshot, AppState, Listening} from '../../lib/watch/index.ts'
import type {Terminal, View} from '../terminal.ts'
import {count, visible} from '../words.ts'

export type AppEvent = Listening | AppSnapshot | AppChange

/** A line for each change; at the beginning one for each app. */
export const appEventView: View<AppEvent> = (event, terminal) => {
  if (event.type === 'listening') return `listening on ${event.url}`
  const time = terminal.paint.dim(new Date(event.at).toTimeString().slice(0, 8))
  if (event.type === 'snapshot')
    return [
      `${time}  ${count(event.apps.length, 'app')}`,
      ...event.apps.map(state => `${time}  ${line(`${state.namespace}/${state.name}`, summary(state), terminal)}`),
    ].join('\n')
  return `${time}  ${line(event.app, whatChanged(event), terminal)}`
}

const line = (app: string, said: string, {paint}: Terminal): string => `${paint.bold(app)}  ${visible(said)}`

/** `running, ready 1/1, miniflux 1.4.0` */
function summary({phase, health, replicas, version, operation}: AppState): string {
  const ready = replicas === null ? [] : [`${health} ${replicas.now}/${replicas.wanted}`]
  return [phase, ...ready, versionOf(version), ...(operation === null ? [] : [doing(operation)])].join(', ')
}

function whatChanged(change: AppChange): string {
  switch (change.type) {
    case 'installed':
      return `is there: ${summary(change.state)}`
    case 'removed':
      return 'is gone'
    case 'phase':
      return `${change.from} → ${change.to}`
    case 'health':
      return change.to ?? 'its pods cannot be seen'
    case 'replicas':
      return change.to === null ? 'its pods cannot be seen' : `${change.to.now} of ${change.to.wanted} pods are ready`
    case 'version':
      return `${versionOf(change.from)} → ${versionOf(change.to)}`
    case 'operation':
      if (change.to !== null) return doing(change.to)
      return `${change.from?.kind} has ended`
    case 'bindings': {
      const uses = Object.entries(change.to).map(([parameter, provider]) => `${parameter} of ${provider}`)
      return uses.length === 0 ? 'uses nothing any more' : `uses ${uses.join(', ')}`
    }
  }
}

const doing = ({kind, step}: {kind: string; step: string | null}) => (step === null ? kind : `${kind}: ${step}`)

const versionOf = (version: AppState['version']): string =>
  version === null ? 'no package' : `${version.package} ${version.version}`
