/** What an autoscaler goes by, as it is written: `requests`, `requests@Ingress/site` of an object of the app, `jobs{queue=mail}` of some labels. */
export interface Metric {
  name: string
  labels?: Record<string, string>
  /** `KIND/NAME` of the object it is of. */
  of?: string
}

const SYNTAX =
  /^(?<name>[^={}@,\s]+)(?:\{(?<labels>[^={},]+=[^={},]+(?:,[^={},]+=[^={},]+)*)\})?(?:@(?<of>\w+\/[^={}@/]+))?$/

/** Undefined where it is no metric. */
export function parseMetric(text: string): Metric | undefined {
  const {name, labels, of} = SYNTAX.exec(text)?.groups ?? {}
  if (name === undefined) return undefined
  return {
    name,
    ...(labels && {labels: Object.fromEntries(labels.split(',').map(pair => pair.split('=')))}),
    ...(of && {of}),
  }
}
