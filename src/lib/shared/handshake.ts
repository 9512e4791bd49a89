import {once} from 'node:events'
import type {Duplex} from 'node:stream'
import {connect} from 'node:tls'

/** How a connection is secured: from the first byte, or after a word of the protocol in the clear. */
export type Securing = 'direct' | 'mysql' | 'postgresql' | 'smtp'

/** What a handshake told of the other side. */
export interface Handshake {
  /** `TLSv1.3`; null where there was no handshake. */
  protocol: string | null
  /** RFC 3339; null where no certificate came. */
  expires: string | null
  /** Why its certificate, or it, is not to be trusted; null where all is well. */
  problem: string | null
}

/** The message of PostgreSQL's protocol that asks for TLS: its length, and a code. */
const sslRequest = Buffer.from('0000000804d2162f', 'hex')

/** The packet of MySQL's protocol that does (SSLRequest): 32 bytes, the second of the talk; PROTOCOL_41, SSL and SECURE_CONNECTION. */
const sslPacket = Buffer.concat([Buffer.from('20000001008a00000000000121', 'hex'), Buffer.alloc(23)])
const clientSsl = 0x800

/** Shakes hands over a connection to `host` that is open. @param ca in PEM; the authorities that Node knows without */
export async function shakeHands(
  connection: Duplex,
  {host, ca, securing, signal}: {host: string; ca: string | undefined; securing: Securing; signal: AbortSignal},
): Promise<Handshake> {
  const refused = await begin(connection, securing, signal)
  if (refused !== undefined) return {protocol: null, expires: null, problem: refused}
  const socket = connect({
    socket: connection,
    host,
    servername: /^[\d.]+$|:/.test(host) ? '' : host,
    ...(ca !== undefined && {ca}),
    rejectUnauthorized: false, // what is wrong with it is told, and nothing is sent
  })
  try {
    await once(socket, 'secureConnect', {signal})
    const {valid_to: until} = socket.getPeerCertificate()
    return {
      protocol: socket.getProtocol(),
      expires: until === undefined ? null : new Date(until).toISOString(),
      problem: socket.authorized ? null : wordsFor(String(socket.authorizationError)),
    }
  } catch (error) {
    if (signal.aborted) throw error
    const why = error instanceof Error ? error.message : String(error)
    return {protocol: null, expires: null, problem: `does not speak TLS: ${why}`}
  } finally {
    socket.destroy()
  }
}

/** The words before the handshake. @returns why there is none */
async function begin(connection: Duplex, securing: Securing, signal: AbortSignal): Promise<string | undefined> {
  const hear = async (isWhole: (heard: Buffer) => boolean): Promise<Buffer> => {
    let heard = Buffer.alloc(0)
    while (!isWhole(heard)) {
      const chunk = connection.read() as Buffer | null
      if (chunk === null) await once(connection, 'readable', {signal})
      else heard = Buffer.concat([heard, chunk])
    }
    return heard
  }
  if (securing === 'postgresql') {
    connection.write(sslRequest)
    const [answer] = await hear(({length}) => length > 0)
    if (answer !== 0x53) return 'offers no TLS'
  }
  if (securing === 'mysql') {
    const greeting = await hear(heard => heard.length > 4 && heard.length >= heard.readUIntLE(0, 3) + 4)
    // The version ends with a zero; then come the connection's number, eight bytes of salt and a zero.
    const capabilities = greeting.indexOf(0, 5) + 14
    if (greeting[4] !== 10 || (greeting.readUInt16LE(capabilities) & clientSsl) === 0) return 'offers no TLS'
    connection.write(sslPacket)
  }
  if (securing === 'smtp') {
    const reply = () => hear(heard => /^\d{3}( .*)?\r?\n$/m.test(String(heard)))
    await reply() // its greeting
    for (const word of ['EHLO berth.invalid', 'STARTTLS']) {
      connection.write(`${word}\r\n`)
      const answer = String(await reply())
      if (!/^2/.test(answer)) return `offers no STARTTLS: ${answer.trim().slice(0, 100)}`
    }
  }
  connection.pause()
  return undefined
}

function wordsFor(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name'
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired'
  return `its certificate is of no authority that is known (${code}): say it as ca`
}
