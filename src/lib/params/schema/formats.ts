import {fullFormats} from 'ajv-formats/dist/formats.js'
import {compilePattern} from './pattern.ts'

interface Format {
  /** An answer to try a package with. */
  example: string
  words: string
  test(text: string): boolean
}

/** Longer text fits no format: some of the expressions behind them take quadratic time. */
const longest = 2048

/**
 * Formats of JSON Schema 2020-12 that say something about a string; others (`multiline`, `password`) are hints for forms.
 * The expressions are ajv's, without ajv: its compiler is not needed for them.
 */
const formats: Record<string, Format> = {
  date: {example: '2026-01-31', words: 'a date such as 2026-01-31', test: ajv('date')},
  time: {example: '13:45:00Z', words: 'a time with a zone, such as 13:45:00Z', test: ajv('time')},
  'date-time': {
    example: '2026-01-31T13:45:00Z',
    words: 'a date and time such as 2026-01-31T13:45:00Z',
    test: ajv('date-time'),
  },
  duration: {example: 'PT1H30M', words: 'an ISO 8601 duration such as PT1H30M', test: ajv('duration')},
  email: {example: 'someone@example.com', words: 'an email address', test: ajv('email')},
  'idn-email': {
    example: 'someone@example.com',
    words: 'an email address',
    test: text => /^[^@\s]+@[^@\s]+$/.test(text),
  },
  hostname: {example: 'www.example.com', words: 'a host name', test: ajv('hostname')},
  'idn-hostname': {example: 'www.example.com', words: 'a host name', test: text => /^[^\s/:@]+$/.test(text)},
  ipv4: {example: '192.0.2.1', words: 'an IPv4 address', test: ajv('ipv4')},
  ipv6: {example: '2001:db8::1', words: 'an IPv6 address', test: ajv('ipv6')},
  uri: {
    example: 'https://example.com/',
    words: 'a URI with its scheme, such as https://example.com/',
    test: ajv('uri'),
  },
  // ajv's own `url` refuses private addresses, which are most of what a cluster has
  url: {
    example: 'https://example.com/',
    words: 'a URL, such as https://example.com/',
    test: text => /^https?:\/\//i.test(text) && URL.canParse(text),
  },
  'uri-reference': {example: '/sample', words: 'a URI or a path', test: ajv('uri-reference')},
  'uri-template': {example: '/sample', words: 'a URI template', test: ajv('uri-template')},
  iri: {
    example: 'https://example.com/',
    words: 'a URI with its scheme, such as https://example.com/',
    test: text => URL.canParse(text),
  },
  uuid: {
    example: '123e4567-e89b-12d3-a456-426614174000',
    words: 'a UUID',
    test: text => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
  },
  'json-pointer': {example: '/sample', words: 'a JSON pointer such as /a/b', test: ajv('json-pointer')},
  'relative-json-pointer': {example: '0/sample', words: 'a relative JSON pointer', test: ajv('relative-json-pointer')},
  regex: {example: 'sample', words: 'a regular expression', test: text => typeof compilePattern(text) !== 'string'},
  byte: {example: 'c2FtcGxl', words: 'base64', test: ajv('byte')},
}

/** What a string of this format must be, if it is not: "an email address". */
export function missedFormat(format: string, text: string): string | undefined {
  if (!Object.hasOwn(formats, format)) return undefined
  const {words, test} = formats[format] as Format
  return text.length <= longest && test(text) ? undefined : words
}

/** A text of a format; undefined where anything is. */
export function exampleOfFormat(format: unknown): string | undefined {
  return Object.hasOwn(formats, String(format)) ? formats[String(format)]?.example : undefined
}

function ajv(name: keyof typeof fullFormats): (text: string) => boolean {
  const format: unknown = fullFormats[name]
  if (format instanceof RegExp) return text => format.test(text)
  if (typeof format === 'function') return text => format(text) === true
  const {validate} = format as {validate: (text: string) => boolean}
  return text => validate(text)
}
