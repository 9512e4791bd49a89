import {parseImage} from '../../formats/index.ts'
import {textKind} from './text.ts'

/** A container image, as pods name it. */
export const image = textKind(
  'image',
  {pattern: '\\S', example: 'docker.io/library/nginx:1.29', words: 'an image'},
  {
    parse(text) {
      const read = parseImage(text.trim())
      return 'problem' in read ? read : {answer: text.trim()}
    },
  },
)
