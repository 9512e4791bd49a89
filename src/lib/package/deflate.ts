/**
 * DEFLATE (RFC 1951) that gives the same bytes on every machine: an archive's digest is its identity, and zlib promises no stable
 * output. Node's zlib picks hash functions by what the processor has, and its versions differ. One block with fixed Huffman codes and
 * a greedy match search: about a tenth larger than zlib's on YAML, fast enough for the 8 MiB that a package may have.
 */
export function deflate(input: Uint8Array): Uint8Array {
  const out = new BitWriter(input.length)
  out.bits(1, 1)
  out.bits(1, 2)
  const head = new Int32Array(1 << 15).fill(-1)
  const previous = new Int32Array(input.length)
  const enter = (at: number) => {
    const slot = hash(input, at)
    previous[at] = head[slot] ?? -1
    head[slot] = at
  }
  let at = 0
  while (at < input.length) {
    const match = at + MIN_MATCH <= input.length ? longestMatch(input, at, head, previous) : undefined
    const length = match?.length ?? 1
    if (match === undefined) literal(out, input[at] ?? 0)
    else pair(out, match)
    for (let next = at; next < at + length && next + MIN_MATCH <= input.length; next++) enter(next)
    at += length
  }
  literal(out, 256)
  return out.finish()
}

const MIN_MATCH = 3
const MAX_MATCH = 258
const WINDOW = 32_768
/** Candidates looked at per position. */
const EFFORT = 64

interface Match {
  length: number
  distance: number
}

function hash(input: Uint8Array, at: number): number {
  const word = ((input[at] ?? 0) << 16) | ((input[at + 1] ?? 0) << 8) | (input[at + 2] ?? 0)
  return (Math.imul(word, 0x9e3779b1) >>> 17) & 0x7fff
}

function longestMatch(input: Uint8Array, at: number, head: Int32Array, previous: Int32Array): Match | undefined {
  const limit = Math.min(MAX_MATCH, input.length - at)
  let best: Match | undefined
  let candidate = head[hash(input, at)] ?? -1
  for (let effort = EFFORT; candidate >= 0 && at - candidate <= WINDOW && effort > 0; effort--) {
    let length = 0
    while (length < limit && input[candidate + length] === input[at + length]) length++
    if (length >= MIN_MATCH && length > (best?.length ?? 0)) best = {length, distance: at - candidate}
    if (length === limit) break
    candidate = previous[candidate] ?? -1
  }
  return best
}

/** Fixed codes, RFC 1951 3.2.6; Huffman codes go out with the highest bit first. */
function literal(out: BitWriter, symbol: number): void {
  if (symbol < 144) out.code(0x30 + symbol, 8)
  else if (symbol < 256) out.code(0x190 + symbol - 144, 9)
  else if (symbol < 280) out.code(symbol - 256, 7)
  else out.code(0xc0 + symbol - 280, 8)
}

function pair(out: BitWriter, {length, distance}: Match): void {
  const [lengthCode, lengthBase, lengthBits] = codeOf(lengths, length)
  literal(out, 257 + lengthCode)
  out.bits(length - lengthBase, lengthBits)
  const [distanceCode, distanceBase, distanceBits] = codeOf(distances, distance)
  out.code(distanceCode, 5)
  out.bits(distance - distanceBase, distanceBits)
}

type Range = readonly [base: number, extraBits: number]

// RFC 1951 3.2.5: the last length is a code of its own.
const lengths: Range[] = ranges(28, 3, 4).concat([[258, 0]])
const distances: Range[] = ranges(30, 1, 2)

/** `group` codes per number of extra bits, twice as many where there are none. */
function ranges(count: number, first: number, group: number): Range[] {
  const result: Range[] = []
  let base = first
  for (let code = 0; code < count; code++) {
    const extra = Math.max(0, Math.floor(code / group) - 1)
    result.push([base, extra])
    base += 1 << extra
  }
  return result
}

function codeOf(table: Range[], value: number): [code: number, base: number, bits: number] {
  let low = 0
  let high = table.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((table[middle]?.[0] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  const [base, bits] = table[low] ?? [0, 0]
  return [low, base, bits]
}

class BitWriter {
  #bytes: Uint8Array
  #size = 0
  #buffer = 0
  #count = 0

  constructor(hint: number) {
    this.#bytes = new Uint8Array(Math.max(64, hint))
  }

  /** Lowest bit first. */
  bits(value: number, count: number): void {
    this.#buffer |= value << this.#count
    this.#count += count
    while (this.#count >= 8) {
      this.#push(this.#buffer & 0xff)
      this.#buffer >>>= 8
      this.#count -= 8
    }
  }

  /** Highest bit first. */
  code(value: number, count: number): void {
    let reversed = 0
    for (let bit = 0; bit < count; bit++) reversed |= ((value >> bit) & 1) << (count - 1 - bit)
    this.bits(reversed, count)
  }

  finish(): Uint8Array {
    if (this.#count > 0) this.#push(this.#buffer & 0xff)
    return this.#bytes.subarray(0, this.#size)
  }

  #push(byte: number): void {
    if (this.#size === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.#size++] = byte
  }
}
