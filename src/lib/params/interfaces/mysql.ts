import type {InterfaceSchema} from '../types.ts'

/** A database of its own with a user of its own, in MySQL or MariaDB. The provider's script prints `name` and `user`; the password is ours. */
export const mysql: InterfaceSchema = {
  name: 'mysql',
  title: 'MySQL or MariaDB',
  stateful: true,
  request: {
    version: {type: 'string', title: 'Versions that will do', examples: ['>=10.6']},
    collation: {type: 'string', title: 'Collation of the database', pattern: '^[a-z0-9_]+$', examples: ['utf8mb4_bin']},
  },
  outputs: {
    host: {type: 'string', endpoint: 'host'},
    port: {type: 'integer', endpoint: 'port'},
    name: {type: 'string'},
    user: {type: 'string'},
    password: {type: 'string', secret: true, generate: {length: 32}},
    url: {
      type: 'string',
      secret: true,
      value: '"mysql://" + user + ":" + urlEncode(password) + "@" + host + ":" + string(port) + "/" + name',
    },
    /** The server offers TLS, with a certificate that `ca` vouches for, or what clients trust anyway. */
    tls: {type: 'boolean', optional: true},
    ca: {type: 'string', optional: true},
  },
}
