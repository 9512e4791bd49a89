/**
 * Writing DER (ITU-T X.690), as much of it as a certificate needs. What holds key material (SPKI, signatures) comes from node:crypto,
 * ready made.
 */

function tagged(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const {length} = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  const size = Buffer.from(length.toString(16).padStart(length < 0x100 ? 2 : length < 0x1_0000 ? 4 : 6, '0'), 'hex')
  return Buffer.concat([Buffer.of(tag, 0x80 | size.length), size, content])
}

export const sequence = (...items: Uint8Array[]) => tagged(0x30, ...items)
export const set = (...items: Uint8Array[]) => tagged(0x31, ...items)
export const boolean = (value: boolean) => tagged(0x01, Buffer.of(value ? 0xff : 0))
export const octetString = (content: Uint8Array) => tagged(0x04, content)
export const utf8String = (text: string) => tagged(0x0c, Buffer.from(text))
/** Bits in whole bytes; `unused` of the last one do not count. */
export const bitString = (content: Uint8Array, unused = 0) => tagged(0x03, Buffer.of(unused), content)
/** `[n] EXPLICIT`, around something. */
export const explicit = (n: number, content: Uint8Array) => tagged(0xa0 | n, content)
/** `[n] IMPLICIT` of something that is not constructed. */
export const implicit = (n: number, content: Uint8Array) => tagged(0x80 | n, content)

/** A number that is not negative, big-endian. */
export function integer(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex(byte => byte !== 0)
  const bytes = first === -1 ? Buffer.of(0) : magnitude.subarray(first)
  return tagged(0x02, Number(bytes[0]) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}

/** `2.5.29.17` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f]
  for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}

/** RFC 5280, 4.1.2.5: two digits for the year up to 2049, four from then on. */
export function time(millis: number): Buffer {
  const date = new Date(millis)
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '')
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits))
}
