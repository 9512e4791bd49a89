import {StringDecoder} from 'node:string_decoder'

/** A line that is longer than anything an API server sends. */
export class LineTooLong extends Error {}

/**
 * Cuts a stream of bytes into lines. What comes after the last line break is not given: a stream that was cut must not look like one that
 * ended. Pulls, so a slow consumer slows the sender.
 * @throws LineTooLong before more than `limit` bytes of a line are held
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let held: string[] = []
  let size = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(lineBreak); end >= 0; end = chunk.indexOf(lineBreak, start)) {
      size += end - start
      if (size > limit) throw new LineTooLong(`a line of more than ${limit} bytes`)
      held.push(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset + start, end - start)))
      const line = held.join('')
      held = []
      size = 0
      start = end + 1
      if (line.trim() !== '') yield line
    }
    size += chunk.length - start
    if (size > limit) throw new LineTooLong(`a line of more than ${limit} bytes`)
    held.push(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset + start, chunk.length - start)))
  }
}

const lineBreak = 0x0a
