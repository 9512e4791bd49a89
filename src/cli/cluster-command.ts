import type {LocalSettings} from '../lib/config/index.ts'
import {isLabel} from '../lib/dns-label.ts'
import {connect, type Kube} from '../lib/kube/index.ts'
import {BerthCommand, type CommandClass, type Input} from './base-command.ts'
import {wrongUsage} from './errors.ts'
import type {clusterFlags} from './flags.ts'
import {given} from './given.ts'
import type {Interfaces} from './oclif.ts'

/** What a command has at hand that talks to a cluster. It fits every function of lib that takes `{kube, settings, signal, report}`. */
export interface Context<C extends CommandClass> extends Input<C> {
  kube: Kube
  /** What this machine says; what counts on the cluster is `clusterSettings` of lib/cluster. */
  settings: LocalSettings
}

/** The base of commands that talk to a cluster; they have `clusterFlags`. */
export abstract class ClusterCommand<C extends CommandClass, Result> extends BerthCommand<C, Result> {
  #kube: Kube | undefined

  /** The parsed command line, a connection to the cluster that it chooses (nothing is asked of it yet), and what this machine says. */
  protected async context(): Promise<Context<C>> {
    const input = await this.input()
    const {kubeconfig, context, namespace} = input.flags as Interfaces.InferredFlags<typeof clusterFlags>
    if (namespace !== undefined && !isLabel(namespace))
      throw wrongUsage(`"${namespace}" cannot be a namespace: small letters, digits and dashes, 63 at most`, this.words)
    const [settings, kube] = await Promise.all([
      this.settings(),
      connect({...given({kubeconfig, context, namespace}), env: this.session.env, signal: input.signal}),
    ])
    this.#kube = kube
    return {...input, kube, settings}
  }

  protected override close(): void {
    this.#kube?.close()
  }
}
