import type {View} from '../terminal.ts'
import {count} from '../words.ts'

export interface AnswersValid {
  package: string
  version: string
  /** What was answered; everything else has its default. */
  fields: string[]
}

export const answersValidView: View<AnswersValid> = ({package: name, version, fields}, {paint}) =>
  `${paint.green('✔')} ${count(fields.length, 'answer')} fit ${name} ${version}`
