import type {InterfaceSchema} from '../types.ts'

/** A bucket with an access key that opens only it. Clients put the bucket into the path: the address knows no names below it. */
export const s3: InterfaceSchema = {
  name: 's3',
  title: 'S3',
  stateful: true,
  request: {},
  outputs: {
    host: {type: 'string', endpoint: 'host'},
    port: {type: 'integer', endpoint: 'port'},
    endpoint: {type: 'string', value: '"http://" + host + ":" + string(port)'},
    region: {type: 'string'},
    bucket: {type: 'string'},
    accessKey: {type: 'string'},
    secretKey: {type: 'string', secret: true, generate: {length: 40}},
    ca: {type: 'string', optional: true},
  },
}
