/** Of a plain scalar that says something else than it seems to, or something else in YAML 1.1 (Go, Python, Ruby read that): what and the fix. */
export function trapIn(value: unknown, source: string): [message: string, fix: string] | undefined {
  const quoted = `write "${source}"`
  if (typeof value === 'string') {
    if (/^(?:yes|no|on|off|y|n)$/i.test(source)) {
      const meant = /^(?:yes|on|y)$/i.test(source)
      return [
        `${source} is a string here, and a boolean for readers of YAML 1.1`,
        `${quoted}, or ${meant} if a boolean is meant`,
      ]
    }
    if (/^[-+]?\d+(?::[0-5]?\d)+$/.test(source))
      return [`${source} is a string here, and a number in base 60 for readers of YAML 1.1`, quoted]
    if (/^[-+]?\d[\d_]*_[\d_]*$/.test(source)) {
      const meant = source.replaceAll('_', '')
      return [
        `${source} is a string here, and a number for readers of YAML 1.1`,
        `${quoted}, or ${meant} if a number is meant`,
      ]
    }
    return undefined
  }
  if (typeof value !== 'number') return undefined
  if (!Number.isFinite(value)) return [`${source} is no number that JSON has`, quoted]
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return [`${source} is too large for a number and would be rounded to ${value}`, quoted]
  if (/^0[0-7]+$/.test(source))
    return [
      `${source} is ${value} here, and octal for readers of YAML 1.1`,
      `0o${source.slice(1)}, which is ${Number.parseInt(source, 8)}, for a file’s mode; ${quoted} if it is text`,
    ]
  if (/^[-+]?0\d/.test(source))
    return [`${source} is ${value} here, and text for some readers of YAML 1.1`, `${quoted}, or ${value} for a number`]
  if (/^[-+]?\d*\.\d*0$/.test(source) || /^[-+]?\d+[eE]\d+$/.test(source))
    return [`${source} is the number ${value}`, `${quoted} if it is a version or other text`]
  return undefined
}
