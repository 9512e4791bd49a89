const ascii = /^[\0-\x7f]*$/

/** The UTF-8 text in bytes that are a character each. */
export const textOf = (bytes: string): string =>
  ascii.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')

/** And back. */
export const bytesOf = (text: string): string => (ascii.test(text) ? text : Buffer.from(text).toString('latin1'))
