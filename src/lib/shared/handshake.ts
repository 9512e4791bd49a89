import {once} from 'node:events'
import type {Duplex} from 'node:stream'
import {connect} from 'node:tls'

/** How a connection is secured: from the first byte, or after a word of the protocol in the clear. */
export type Securing = 'direct' | 'postgresql' | 'smtp'

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
  if (securing === 'postgresql') {
    connection.write(sslRequest)
    const [answer] = (await once(connection, 'data', {signal})) as [Buffer]
    connection.pause()
    return answer[0] === 0x53 ? undefined : 'offers no TLS'
  }
  if (securing === 'smtp') {
    await once(connection, 'data', {signal}) // its greeting
    for (const word of ['EHLO berth.invalid', 'STARTTLS']) {
      connection.write(`${word}\r\n`)
      const [answer] = (await once(connection, 'data', {signal})) as [Buffer]
      if (!/^2/.test(answer.toString())) return `offers no STARTTLS: ${answer.toString().trim().slice(0, 100)}`
    }
    connection.pause()
  }
  return undefined
}

function wordsFor(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name'
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired'
  return `its certificate is of no authority that is known (${code}): say it as ca`
}
