/**
 * What happens while an operation runs, as lib tells it. The terminal's live display, `--events` and the tests are listeners; a new
 * type of event is one more member here and one more case in each listener. No event ever carries a secret.
 */
export type ProgressEvent =
  | {type: 'step-started'; step: string; title: string}
  /** The step goes on: what it found out or waits for now. */
  | {type: 'step-waiting'; step: string; on: string}
  | {type: 'step-done'; step: string; title: string; outcome?: string}
  | {type: 'step-failed'; step: string; title: string; message: string}
  /** Something the user should know; also ends up in the JSON document's `warnings`. */
  | {type: 'warning'; message: string}
  /** A line of somebody's log: a task's pod, a provider's script. */
  | {type: 'log'; source: string; line: string}
  /** Said only with `--verbose`. */
  | {type: 'detail'; message: string}

export type Report = (event: ProgressEvent) => void
