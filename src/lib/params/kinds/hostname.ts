import {domainToASCII} from 'node:url'
import {textKind} from './text.ts'

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
const form = {
  pattern: `^(\\*\\.)?${label}(\\.${label})*$`,
  example: 'wiki.example.com',
  words: 'a host name',
  maxLength: 253,
}

/** The name under which something is published: what an Ingress takes, in lower case; other alphabets become punycode. */
export const hostname = textKind('hostname', form, {
  parse(text) {
    const trimmed = text.trim()
    const scheme = /^[a-z]+:\/\//i.exec(trimmed)
    if (scheme !== null) return {problem: `must be the name only, without ${scheme[0]}`}
    if (/[/:]/.test(trimmed)) return {problem: 'must be the name only, without port or path'}
    // biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII
    const ascii = /[^\x00-\x7f]/.test(trimmed) ? domainToASCII(trimmed) : ''
    return {answer: (ascii === '' ? trimmed : ascii).toLowerCase()}
  },
})
