import type {ProvidedEndpoint} from '../anchor/index.ts'
import type {ResolvedEndpoint} from '../package/index.ts'

/** What an app offers to others, as its anchor will say. */
export function describeEndpoints(endpoints: ResolvedEndpoint[]): Record<string, ProvidedEndpoint> {
  return Object.fromEntries(
    endpoints.map(({name, endpoint, address}) => [
      name,
      {
        interface: endpoint.interface,
        ...(endpoint.version !== undefined && {version: endpoint.version}),
        component: endpoint.component,
        host: address.host,
        port: address.port,
        ...(address.published && {url: address.url}),
        allow: endpoint.allow,
        grant: endpoint.grant !== undefined,
      },
    ]),
  )
}
