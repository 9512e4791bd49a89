import {domainToASCII} from 'node:url'
import {constraintsOf, type Kind, textConstraints} from './kind.ts'

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'

/** The name under which something is published: what an Ingress takes, in lower case; other alphabets become punycode. */
export const hostname: Kind = {
  name: 'hostname',
  widget: 'text',
  schema: param => ({
    type: 'string',
    maxLength: 253,
    ...constraintsOf(param, textConstraints),
    allOf: [
      {
        pattern: `^(\\*\\.)?${label}(\\.${label})*$`,
        examples: ['wiki.example.com'],
        'x-berth-expected': 'a host name such as wiki.example.com',
      },
    ],
  }),
  type: () => ({t: 'string'}),
  parse(text) {
    const trimmed = text.trim()
    const scheme = /^[a-z]+:\/\//i.exec(trimmed)
    if (scheme !== null) return {problem: `must be the name only, without ${scheme[0]}`}
    if (/[/:]/.test(trimmed)) return {problem: 'must be the name only, without port or path'}
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII
    const ascii = /[^\x00-\x7f]/.test(trimmed) ? domainToASCII(trimmed) : ''
    return {answer: (ascii === '' ? trimmed : ascii).toLowerCase()}
  },
}
