/** Whose log a line is of. */
export interface LogSource {
  namespace: string
  pod: string
  container: string
  /** Of the package; null for the pods of a task. */
  component: string | null
  /** Is it the pod's only container? */
  alone: boolean
}

/**
 * How a line is written: its time as the kubelet says it, and its bytes, each as one character (latin1), without the line break; what comes
 * back is bytes in the same way. Bytes as text are the cheapest that JavaScript has: nothing is decoded, nothing copied until it is written.
 */
export type WriteLine = (time: string, bytes: string) => string
