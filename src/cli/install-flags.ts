import {boolean, string} from '@oclif/core/flags'
import type {ChangeOptions, InstallOptions} from '../lib/app/index.ts'
import {operationOptions} from './flags.ts'
import {given} from './given.ts'
import type {Interfaces} from './oclif.ts'

const driftRules = ['keep', 'take', 'fail'] as const

/** Objects that have to go before they can be as they shall. */
export const recreateFlag = {
  'allow-recreate': boolean({
    summary: 'make anew what cannot be changed in place, although that loses something: the plan says what',
  }),
}

/** What to do with fields that others set. */
export const driftFlag = {
  'on-drift': string({
    summary: 'fields that others set since: leave them, set them back, or refuse; by kind of field without',
    options: driftRules,
  }),
}

/** How a change of an app goes about it. */
export const changeFlags = {
  ...driftFlag,
  'no-wait': boolean({summary: 'end once everything is applied, ready or not', helpGroup: 'PROGRESS'}),
  adopt: boolean({summary: 'take over objects that exist and belong to no app'}),
  allow: string({
    summary: 'agree to something that reaches beyond the namespace',
    helpValue: 'NEED',
    multiple: true,
    default: [],
  }),
  ...recreateFlag,
  'on-failure': string({
    summary: 'leave a failed change for resume, or take it back',
    options: ['keep', 'rollback'],
    default: 'keep',
  }),
}

/** How an install goes about it; `app plan` has the same. */
export const installFlags = {
  ...changeFlags,
  'create-namespace': boolean({summary: 'make the namespace if it is not there'}),
  'adopt-data': boolean({summary: 'go on with the data that an uninstalled app of this name left'}),
}

type Flags<T extends Interfaces.FlagInput> = Interfaces.InferredFlags<T> & Parameters<typeof operationOptions>[0]

/** The same, as the engine takes them. */
export const installOptions = (flags: Flags<typeof installFlags>, read: ChangeOptions['read']): InstallOptions => ({
  ...changeOptions(flags, read),
  retained: flags['adopt-data'] ? 'adopt' : 'refuse',
  createNamespace: flags['create-namespace'],
})

export const driftOption = ({'on-drift': said}: {'on-drift'?: string | undefined}) =>
  given({onDrift: driftRules.find(rule => rule === said)})

export const changeOptions = (flags: Flags<typeof changeFlags>, read: ChangeOptions['read']): ChangeOptions => ({
  adopt: flags.adopt,
  allow: flags.allow,
  ...driftOption(flags),
  allowRecreate: flags['allow-recreate'],
  wait: !flags['no-wait'],
  onFailure: flags['on-failure'] === 'rollback' ? 'rollback' : 'keep',
  read,
  ...operationOptions(flags),
})
