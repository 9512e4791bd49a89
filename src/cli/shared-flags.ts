import {string} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import type {Kube} from '../lib/kube/index.ts'
import {clusterNamespace, type SharedRef} from '../lib/shared/index.ts'
import {clusterFlags} from './flags.ts'

/** For commands about what apps share. */
export const sharedFlags = {
  ...clusterFlags,
  cluster: boolean({
    summary: 'for apps of every namespace, not of one',
    exclusive: ['namespace'],
    helpGroup: 'CLUSTER',
  }),
}

export const sharedArgs = {name: string({description: 'what it is called', required: true})}

/** What the command line names, where it says that it stands. */
export const sharedRef = (
  {flags, kube}: {flags: {cluster: boolean}; kube: Kube},
  {name}: {name: string},
): SharedRef => ({namespace: flags.cluster ? clusterNamespace : kube.target.namespace, name})
