import type {InterfaceSchema} from '../types.ts'

/**
 * A user of a Redis or Valkey that may touch only keys and channels that begin with `prefix`, and the client has to put it there.
 * `user` and `prefix` are not there where a server has one password for all, or none.
 */
export const redis: InterfaceSchema = {
  name: 'redis',
  title: 'Redis or Valkey',
  stateful: true,
  request: {
    version: {type: 'string', title: 'Versions that will do', examples: ['>=7']},
  },
  outputs: {
    host: {type: 'string', endpoint: 'host'},
    port: {type: 'integer', endpoint: 'port'},
    user: {type: 'string', optional: true},
    password: {type: 'string', secret: true, generate: {length: 32}},
    prefix: {type: 'string', optional: true},
    url: {
      type: 'string',
      secret: true,
      value:
        '(tls == true ? "rediss://" : "redis://") + (user == null ? "" : user) + ":" + urlEncode(password) + "@" + host + ":" + string(port) + "/0"',
    },
    /** The server speaks TLS from the first byte, with a certificate that `ca` vouches for, or what clients trust anyway. */
    tls: {type: 'boolean', optional: true},
    ca: {type: 'string', optional: true},
  },
}
