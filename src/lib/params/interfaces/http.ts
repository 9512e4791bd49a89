import type {InterfaceSchema} from '../types.ts'

/** Something that speaks HTTP. */
export const http: InterfaceSchema = {
  name: 'http',
  title: 'HTTP',
  request: {},
  outputs: {
    host: {type: 'string', endpoint: 'host'},
    port: {type: 'integer', endpoint: 'port'},
    url: {type: 'string', endpoint: 'url'},
  },
}
