import type {LogSource} from '../../lib/logs/index.ts'
import type {Terminal, View} from '../terminal.ts'

/** A line of a container's log. */
export interface LogLine {
  pod: string
  container: string
  /** Of the package; null for the pods of a task. */
  component: string | null
  /** RFC 3339, as the node says it. */
  at: string
  message: string
}

export const logLineView: View<LogLine> = ({pod, container, message}) => `${pod}/${container} ${message}`

/** `news-7c9d8f-x2x4z `, in the pod's colour; with the container where it has several. */
export function logPrefix({pod, container, alone}: LogSource, {paint}: Terminal): string {
  const colours = [paint.cyan, paint.green, paint.yellow, paint.red]
  const sum = [...pod].reduce((total, character) => total * 31 + character.charCodeAt(0), 0)
  return `${(colours[sum % colours.length] ?? paint.cyan)(alone ? pod : `${pod}/${container}`)} `
}
