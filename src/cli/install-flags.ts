import {boolean, string} from '@oclif/core/flags'
import type {InstallOptions} from '../lib/app/index.ts'
import {defaultTimeout} from './app-command.ts'
import {given} from './given.ts'

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

interface InstallFlagValues {
  'no-wait': boolean
  'create-namespace': boolean
  adopt: boolean
  'adopt-data': boolean
  allow: string[]
  'on-failure': string
  timeout?: number | undefined
  plan?: string | undefined
}

export const installOptions = (flags: InstallFlagValues, read: InstallOptions['read']): InstallOptions => ({
  adopt: flags.adopt,
  retained: flags['adopt-data'] ? 'adopt' : 'refuse',
  allow: flags.allow,
  createNamespace: flags['create-namespace'],
  wait: !flags['no-wait'],
  timeout: flags.timeout ?? defaultTimeout,
  onFailure: flags['on-failure'] === 'rollback' ? 'rollback' : 'keep',
  read,
  ...given({planHash: flags.plan}),
})
