import {boolean, string} from '@oclif/core/flags'
import type {InstallOptions} from '../lib/app/index.ts'
import {operationOptions} from './flags.ts'
import type {Interfaces} from './oclif.ts'

/** How an install goes about it; `app plan` has the same. */
export const installFlags = {
  'no-wait': boolean({summary: 'end once everything is applied, ready or not', helpGroup: 'PROGRESS'}),
  'create-namespace': boolean({summary: 'make the namespace if it is not there'}),
  adopt: boolean({summary: 'take over objects that exist and belong to no app'}),
  'adopt-data': boolean({summary: 'go on with the data that an uninstalled app of this name left'}),
  allow: string({
    summary: 'agree to something that reaches beyond the namespace',
    helpValue: 'NEED',
    multiple: true,
    default: [],
  }),
  'on-failure': string({
    summary: 'leave a failed install for resume, or take it back',
    options: ['keep', 'rollback'],
    default: 'keep',
  }),
}

/** The same, as the engine takes them. */
export const installOptions = (
  flags: Interfaces.InferredFlags<typeof installFlags> & Parameters<typeof operationOptions>[0],
  read: InstallOptions['read'],
): InstallOptions => ({
  adopt: flags.adopt,
  retained: flags['adopt-data'] ? 'adopt' : 'refuse',
  allow: flags.allow,
  createNamespace: flags['create-namespace'],
  wait: !flags['no-wait'],
  onFailure: flags['on-failure'] === 'rollback' ? 'rollback' : 'keep',
  read,
  ...operationOptions(flags),
})
