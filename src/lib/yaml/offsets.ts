import type {Scalar} from 'yaml'

/**
 * Where the characters of a scalar's value stand in its file: errors in expressions point into block texts and quoted strings. Exact
 * for single-line scalars and literal blocks; the right line, more or less, for folded ones.
 */
export function scalarOffsets(text: string, node: Scalar): (offset: number) => number {
  const start = node.range?.[0] ?? 0
  const end = node.range?.[1] ?? start
  const raw = text.slice(start, end)
  switch (node.type) {
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED':
      return blockOffsets(raw, start, String(node.value ?? ''))
    case 'QUOTE_SINGLE':
      return escapedOffsets(raw, start, /''/y)
    case 'QUOTE_DOUBLE':
      return escapedOffsets(raw, start, /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[\s\S])/y)
    default:
      return offset => start + Math.min(offset, Math.max(0, raw.length - 1))
  }
}

/** One step in the value is one character of the source, or one escape. */
function escapedOffsets(raw: string, start: number, escaped: RegExp): (offset: number) => number {
  return offset => {
    let at = 1
    for (let done = 0; done < offset && at < raw.length - 1; done++) {
      escaped.lastIndex = at
      const match = escaped.exec(raw)
      if (match === null) at++
      else {
        at += match[0].length
        if (match[0].startsWith('\\U')) done++
      }
    }
    return start + at
  }
}

function blockOffsets(raw: string, start: number, value: string): (offset: number) => number {
  const headerEnd = raw.indexOf('\n') + 1
  const indent = raw.slice(headerEnd).match(/^(?:[ \t]*\n)*( *)/)?.[1]?.length ?? 0
  return offset => {
    const before = value.slice(0, offset).split('\n')
    let at = headerEnd
    for (let line = 1; line < before.length; line++) {
      const next = raw.indexOf('\n', at)
      if (next < 0) break
      at = next + 1
    }
    return start + at + indent + (before.at(-1)?.length ?? 0)
  }
}
