import type {AppRef} from '../../lib/anchor/index.ts'
import type {AppOutput, SecretRow, ShownSecret as Shown} from '../../lib/app/index.ts'
import {pairs, table} from '../table.ts'
import type {View} from '../terminal.ts'

export interface SecretList {
  app: AppRef
  secrets: SecretRow[]
}

export const secretListView: View<SecretList> = ({secrets}, terminal) =>
  secrets.length === 0
    ? 'no secrets'
    : table<SecretRow>(
        [
          {title: 'NAME', cell: row => row.name},
          {title: 'FROM', cell: row => row.from},
          {
            title: 'ROTATE',
            cell: ({rotate}) => (typeof rotate === 'object' ? (rotate === null ? '' : `task ${rotate.task}`) : rotate),
          },
          {title: 'EXPIRES', cell: ({expires}) => expires?.slice(0, 10) ?? ''},
          {title: 'WHAT IT IS', cell: row => row.title, shrink: true},
        ],
        secrets,
        terminal,
      )

export type ShownSecret = Shown

const masked = '********'

/** Revealed, it stands alone, for a pipe. */
export const shownSecretView: View<ShownSecret> = ({value}) => value ?? `${masked}   --reveal shows it`

export interface AppOutputs {
  app: AppRef
  outputs: AppOutput[]
}

export const appOutputsView: View<AppOutputs> = ({outputs}, terminal) =>
  outputs.length === 0
    ? 'this app tells nothing'
    : pairs(
        outputs.flatMap(({title, value, secret}): [string, string][] => [
          ...(value === null ? [] : [[title, String(value)] as [string, string]]),
          ...(secret === null ? [] : [[`${title}, ${secret.name}`, secret.value ?? masked] as [string, string]]),
        ]),
        terminal,
      )
