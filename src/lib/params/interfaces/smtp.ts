import type {InterfaceSchema} from '../types.ts'

/** A server that takes mail for delivery from whoever logs in. `from` is the address that this user may send as, where there is only one. */
export const smtp: InterfaceSchema = {
  name: 'smtp',
  title: 'Outgoing mail',
  request: {},
  outputs: {
    host: {type: 'string', endpoint: 'host'},
    port: {type: 'integer', endpoint: 'port'},
    user: {type: 'string'},
    password: {type: 'string', secret: true, generate: {length: 32}},
    from: {type: 'string', optional: true},
    /** `none`, `starttls` (begins in the clear) or `tls` (from the first byte). */
    encryption: {type: 'string', enum: ['none', 'starttls', 'tls']},
    url: {
      type: 'string',
      secret: true,
      value:
        '(encryption == "tls" ? "smtps://" : "smtp://") + urlEncode(user) + ":" + urlEncode(password) + "@" + host + ":" + string(port)',
    },
    ca: {type: 'string', optional: true},
  },
}
