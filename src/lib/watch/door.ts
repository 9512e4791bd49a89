import {createHash, timingSafeEqual} from 'node:crypto'
import type {IncomingMessage} from 'node:http'

/** Who may listen. */
export interface Door {
  token: string
  /** Origins of pages that may, beside those of our own address: `https://example.com`. */
  origins: string[]
}

/** The subprotocol that we speak, and the one that carries the token of a page: a browser's WebSocket has no headers. */
export const protocol = 'berth.events.v1'
const tokenPrefix = 'berth.token.'

/** So written that it needs no quoting, neither in a URL nor as a subprotocol. */
export const isToken = (text: string): boolean => /^[\w.~-]{16,}$/.test(text)

/** May this page's script ask at all? Requests that come from no page have no Origin. */
export function isWelcome({headers}: IncomingMessage, {origins}: Door): boolean {
  const {origin, host} = headers
  return origin === undefined || origins.includes(origin) || URL.parse(origin)?.host === host
}

/** Has it the token: as a bearer's, as a WebSocket's subprotocol, or in the URL, the one place that EventSource has? */
export function hasToken({headers}: IncomingMessage, query: URLSearchParams, {token}: Door): boolean {
  const protocols = headers['sec-websocket-protocol']?.split(/\s*,\s*/) ?? []
  const given = [
    /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1],
    protocols.find(each => each.startsWith(tokenPrefix))?.slice(tokenPrefix.length),
    query.get('token'),
  ]
  // Hashes have one length, so that neither it nor the place of the first wrong character shows in the time.
  return given.some(each => each !== undefined && each !== null && timingSafeEqual(sha256(each), sha256(token)))
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
