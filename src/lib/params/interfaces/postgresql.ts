import type {InterfaceSchema} from '../types.ts'

/** A database of its own with a user of its own. The provider's script prints `name` and `user`; the password is ours. */
export const postgresql: InterfaceSchema = {
  name: 'postgresql',
  title: 'PostgreSQL',
  stateful: true,
  request: {
    version: {type: 'string', title: 'Versions that will do', examples: ['>=14 <18']},
    extensions: {
      type: 'array',
      title: 'Extensions',
      items: {type: 'string', pattern: '^[a-z][a-z0-9_-]*$'},
      uniqueItems: true,
    },
    verify: {
      type: 'boolean',
      title: "The client holds the server's certificate against `ca`: its `sslmode` is verify-full",
    },
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
      value:
        '"postgres://" + user + ":" + urlEncode(password) + "@" + host + ":" + string(port) + "/" + name + (sslmode == null ? "" : "?sslmode=" + sslmode)',
    },
    /** libpq's word for what the server offers. Clients differ in what they do without it. */
    sslmode: {
      type: 'string',
      optional: true,
      enum: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    },
    /** What certificates of the server are signed by, in PEM; none where clients know that anyway. */
    ca: {type: 'string', optional: true},
  },
}
