import {SCALAR_STYLE, type ScalarEvent} from 'js-yaml'

/**
 * Where the characters of a scalar's value stand in its file: errors in expressions point into block texts and quoted strings. Exact
 * for single-line scalars and literal blocks; the right line, more or less, for folded ones.
 */
export function scalarOffsets(
  text: string,
  {style, valueStart, valueEnd, indent}: ScalarEvent,
): (offset: number) => number {
  const raw = text.slice(valueStart, valueEnd)
  switch (style) {
    case SCALAR_STYLE.LITERAL_BLOCK:
    case SCALAR_STYLE.FOLDED_BLOCK:
      return blockOffsets(raw, valueStart, indent)
    case SCALAR_STYLE.SINGLE_QUOTED:
      return escapedOffsets(raw, valueStart, /''/y)
    case SCALAR_STYLE.DOUBLE_QUOTED:
      return escapedOffsets(raw, valueStart, /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[\s\S])/y)
    default:
      return offset => valueStart + Math.min(offset, Math.max(0, raw.length - 1))
  }
}

/** One step in the value is one character of the source, or one escape. */
function escapedOffsets(raw: string, start: number, escaped: RegExp): (offset: number) => number {
  return offset => {
    let at = 0
    for (let done = 0; done < offset && at < raw.length; done++) {
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

/** A line of the value is a line of the source without its indentation. */
function blockOffsets(raw: string, start: number, indent: number): (offset: number) => number {
  return offset => {
    let left = offset
    let at = 0
    for (let end = raw.indexOf('\n'); end >= 0; end = raw.indexOf('\n', at)) {
      const length = Math.max(0, end - at - indent)
      if (left <= length) break
      left -= length + 1
      at = end + 1
    }
    return start + at + indent + left
  }
}
