import {textKind} from './text.ts'

/** A length of time as Kubernetes and Go write it: `90s`, `1h30m`. */
export const duration = textKind('duration', {
  pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$',
  example: '1h30m',
  words: 'a length of time',
})
