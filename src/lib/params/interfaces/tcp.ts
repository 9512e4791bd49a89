import type {InterfaceSchema} from '../types.ts'

/** A port that speaks some protocol of its own. */
export const tcp: InterfaceSchema = {
  name: 'tcp',
  title: 'TCP',
  request: {},
  outputs: {
    host: {type: 'string', endpoint: 'host'},
    port: {type: 'integer', endpoint: 'port'},
  },
}
