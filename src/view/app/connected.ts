import type {Connected, EndpointUrl} from '../../lib/app/index.ts'
import type {View} from '../terminal.ts'

export type AppConnected = Connected

export const appConnectedView: View<AppConnected> = ({app, endpoint, url, address, port}, {paint}) =>
  [
    url.startsWith('http') ? url : `${address}:${port}`,
    paint.dim(`leads to ${endpoint} of ${app.namespace}/${app.name} until Ctrl-C`),
  ].join('\n')

export interface AppOpened extends EndpointUrl {
  /** False where it was only to be told, or there is no browser. */
  opened: boolean
}

export const appOpenedView: View<AppOpened> = ({url}) => url
