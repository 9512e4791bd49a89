import type {AppRef, ProvidedEndpoint} from '../anchor/index.ts'
import type {Manifest} from '../package/index.ts'

/** Address, inside the cluster, of the Service that berth makes for an endpoint. */
export const serviceHost = (app: AppRef, endpoint: string): string => `${app.name}-${endpoint}.${app.namespace}.svc`

/** What an app offers to others, as its anchor will say. `urls` are the published addresses, where there are any. */
export function describeEndpoints(
  manifest: Manifest,
  app: AppRef,
  urls: Record<string, string>,
): Record<string, ProvidedEndpoint> {
  return Object.fromEntries(
    Object.entries(manifest.provides).map(([name, endpoint]) => [
      name,
      {
        interface: endpoint.interface,
        ...(endpoint.version !== undefined && {version: endpoint.version}),
        component: endpoint.component,
        host: serviceHost(app, name),
        port: endpoint.port,
        ...(urls[name] !== undefined && {url: urls[name]}),
        allow: endpoint.allow,
        grant: endpoint.grant !== undefined,
      },
    ]),
  )
}
