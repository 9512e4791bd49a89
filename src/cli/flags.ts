import {boolean, custom, string} from '@oclif/core/flags'
import {UserError} from '../lib/errors.ts'

const formats = ['table', 'wide', 'json', 'yaml', 'name'] as const
export type Format = (typeof formats)[number]

/** A flag that takes a span of time: `90s`, `5m`, `1h30m`; the value is in milliseconds. */
export const durationFlag = custom<number>({
  helpValue: 'DURATION',
  parse: async text => parseDuration(text),
})

/** Every command has these, and they mean the same in each. */
export const globalFlags = {
  json: boolean({summary: 'print one JSON document, also on failure (-o json)', helpGroup: 'GLOBAL'}),
  output: custom<Format>({
    char: 'o',
    summary: 'how to print the result',
    options: [...formats],
    helpValue: formats.join('|'),
    exclusive: ['json'],
    helpGroup: 'GLOBAL',
  })(),
  quiet: boolean({
    char: 'q',
    summary: 'print the result only: no progress, warnings, notes or next steps',
    helpGroup: 'GLOBAL',
    exclusive: ['verbose'],
  }),
  verbose: boolean({char: 'v', summary: 'say more: requests, stack traces of defects', helpGroup: 'GLOBAL'}),
}

/** For commands that talk to a cluster, in the words of kubectl. */
export const clusterFlags = {
  context: string({summary: "the kubeconfig's context to use", helpValue: 'NAME', helpGroup: 'CLUSTER'}),
  kubeconfig: string({
    summary: 'the kubeconfig file to use, instead of KUBECONFIG and ~/.kube/config',
    helpValue: 'FILE',
    helpGroup: 'CLUSTER',
  }),
  namespace: string({
    char: 'n',
    summary: "the namespace; otherwise the context's",
    helpValue: 'NAME',
    helpGroup: 'CLUSTER',
  }),
}

/** For commands that list: beside `clusterFlags`. */
export const listFlags = {
  'all-namespaces': boolean({char: 'A', summary: 'in every namespace', exclusive: ['namespace'], helpGroup: 'CLUSTER'}),
  selector: string({
    char: 'l',
    summary: 'only what has these labels: key=value, key!=value, key in (a,b)',
    helpValue: 'LABELS',
    helpGroup: 'CLUSTER',
  }),
}

/** For commands that may show secrets. */
export const revealFlag = {
  reveal: boolean({summary: 'show the value; that you did is recorded in an Event of the app'}),
}

/** For commands that show what they will do, and ask. */
export const askingFlags = {
  ...clusterFlags,
  'dry-run': boolean({summary: 'show the plan and change nothing', helpGroup: 'PLAN'}),
  yes: boolean({char: 'y', summary: 'do not ask; never implies --delete-data, --allow or --force', helpGroup: 'PLAN'}),
}

/** For commands that change something by a plan, which may take long. */
export const operationFlags = {
  ...askingFlags,
  plan: string({
    summary: 'carry out only the plan that `app plan` gave this hash to',
    helpValue: 'HASH',
    helpGroup: 'PLAN',
  }),
  timeout: durationFlag({
    summary: 'give up waiting after this long (exit 9); the operation can be resumed',
    helpGroup: 'PROGRESS',
  }),
  events: boolean({summary: 'typed progress as one JSON object a line on stderr', helpGroup: 'PROGRESS'}),
}

/** The same, as the engine takes them. A wait lasts ten minutes at most, unless `--timeout` says otherwise. */
export const operationOptions = ({timeout = 10 * 60_000}: {timeout?: number | undefined}) => ({timeout})

/** For commands that take answers to a package's parameters. */
export const answerFlags = {
  answers: string({
    char: 'f',
    summary: 'a YAML or JSON file of answers, - for stdin',
    helpValue: 'FILE',
    helpGroup: 'ANSWERS',
  }),
  'answers-for': string({
    summary: 'the version of the package that the answers file was written for: they are brought to the one at hand',
    helpValue: 'VERSION',
    helpGroup: 'ANSWERS',
    dependsOn: ['answers'],
  }),
  set: string({
    summary: 'answer one parameter; its schema says the type',
    helpValue: 'a.b=VALUE',
    multiple: true,
    helpGroup: 'ANSWERS',
  }),
  'set-json': string({
    summary: 'answer one parameter with JSON',
    helpValue: 'a.b=JSON',
    multiple: true,
    helpGroup: 'ANSWERS',
  }),
  'set-value': string({
    summary: 'answer one parameter with a shared value (berth value list)',
    helpValue: 'a.b=NAME',
    multiple: true,
    helpGroup: 'ANSWERS',
  }),
  'set-file': string({
    summary: "answer with a file's content",
    helpValue: 'a.b=FILE',
    multiple: true,
    helpGroup: 'ANSWERS',
  }),
  'set-env': string({
    summary: 'answer with an environment variable, for secrets',
    helpValue: 'a.b=VARIABLE',
    multiple: true,
    helpGroup: 'ANSWERS',
  }),
  unset: string({
    summary: 'take an answer back: the default counts again',
    helpValue: 'a.b',
    multiple: true,
    helpGroup: 'ANSWERS',
  }),
}

const UNITS: Record<string, number> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}

/** `1h30m` in milliseconds. @throws UserError `usage.invalid` */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    throw new UserError('usage.invalid', {
      message: `"${text}" is not a duration`,
      hint: 'write a number with a unit: 90s, 5m, 1h30m',
    })
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0)
}
