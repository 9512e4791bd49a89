import {string as argument} from '@oclif/core/args'
import {boolean, integer, string} from '@oclif/core/flags'
import {wrongUsage} from '../../cli/errors.ts'
import {durationFlag, operationFlags} from '../../cli/flags.ts'
import {given} from '../../cli/given.ts'
import {changeFlags} from '../../cli/install-flags.ts'
import {ScaleCommand} from '../../cli/scale-command.ts'
import type {Autoscaler} from '../../lib/anchor/index.ts'
import {boundsOf, parseMetric} from '../../lib/app/index.ts'
import type {ScaleResult} from '../../view/app/scale.ts'

/** The load must have been lower for so long before pods go, in seconds. */
const defaultPatience = 300

const written = {
  metric: 'NAME=QUANTITY or NAME@KIND/OBJECT=QUANTITY, such as requests=100 or requests@Ingress/site=100',
  external: "NAME=QUANTITY or NAME{LABEL=VALUE}=QUANTITY, such as 'jobs{queue=mail}=30'",
}

export default class AppAutoscale extends ScaleCommand<typeof AppAutoscale> {
  static override summary = 'have the cluster choose how many pods a component has, by what they use'
  static override description =
    'Without flags it shows what there is. The autoscaler is part of the app: changes of the app keep it, a stop lets it rest. What is not said stays; at first that is 70 % of the processor that its pods ask for, within the bounds of the package.'
  static override examples = [
    {description: 'two to ten pods', command: 'berth app autoscale site web -n web --min 2 --max 10'},
    {description: 'by memory as well', command: 'berth app autoscale site web -n web --cpu 60 --memory 80'},
    {
      description: 'one for every 30 jobs that wait',
      command: "berth app autoscale desk worker -n web --external 'jobs{queue=mail}=30'",
    },
    {
      description: 'one for every hundred requests at its Ingress',
      command: 'berth app autoscale site web -n web --metric requests@Ingress/site=100',
    },
    {description: 'choose yourself again', command: 'berth app autoscale site web -n web --off'},
  ]
  static override args = {
    ...ScaleCommand.args,
    component: argument({description: 'the component; not needed where the app has only one'}),
  }
  static override flags = {
    ...operationFlags,
    ...changeFlags,
    min: integer({summary: 'pods at least', min: 1, max: 1000, helpValue: 'N'}),
    max: integer({summary: 'pods at most', min: 1, max: 1000, helpValue: 'N'}),
    cpu: integer({
      summary: 'percent of the processor asked for that pods shall use; 0: not by it',
      min: 0,
      max: 1000,
      helpValue: 'PERCENT',
    }),
    memory: integer({summary: 'the same of memory', min: 0, max: 1000, helpValue: 'PERCENT'}),
    metric: string({
      summary: 'a pod for each so much of a metric of their own, or of an object of the app; 0: not by it',
      helpValue: 'NAME[@KIND/OBJECT]=QUANTITY',
      multiple: true,
    }),
    external: string({
      summary: 'a pod for each so much of a metric of something else, such as a queue; 0: not by it',
      helpValue: 'NAME[{LABEL=VALUE}]=QUANTITY',
      multiple: true,
    }),
    patience: durationFlag({summary: 'how long the load must have been lower before pods go; 5m at first'}),
    off: boolean({
      summary: 'take the autoscaler away; as many pods stay as there are',
      exclusive: ['min', 'max', 'cpu', 'memory', 'metric', 'external', 'patience'],
    }),
  }

  async run(): Promise<ScaleResult> {
    const context = await this.app()
    const {flags, args} = context
    const {min, max, cpu, memory, metric, external: outside, patience: millis, off} = flags
    const says = [min, max, cpu, memory, metric, outside, millis].some(value => value !== undefined)
    if (!says && !off) return this.shown(context)
    const app = await this.running(context)
    const {components} = app.pkg.manifest
    const [only, another] = Object.keys(components)
    const component = args.component ?? (another === undefined ? only : undefined)
    if (component === undefined)
      throw wrongUsage(`name the component: it has ${Object.keys(components).join(', ') || 'none'}`, this.words)
    if (off) return this.change(app, {autoscale: {[component]: null}}, 'Stop to autoscale')
    const bounds = boundsOf(components[component] ?? {after: []})
    const patience = millis === undefined ? undefined : Math.round(millis / 1000)
    if (patience !== undefined && patience > 3600) throw wrongUsage('--patience is one hour at most', this.words)
    const present = app.present.revision.autoscalers[component]
    const [metrics, external] = [
      this.#metrics('metric', present?.metrics, metric),
      this.#metrics('external', present?.external, outside),
    ]
    const first = {min: Math.max(1, bounds.min), max: bounds.max, cpu: 70, patience: defaultPatience}
    const {
      cpu: byCpu,
      memory: byMemory,
      metrics: _metrics,
      external: _external,
      ...wanted
    }: Autoscaler = {...(present ?? first), ...given({min, max, cpu, memory, patience})}
    const autoscaler = {
      ...wanted,
      ...(byCpu && {cpu: byCpu}),
      ...(byMemory && {memory: byMemory}),
      ...(metrics && {metrics}),
      ...(external && {external}),
    }
    if (!byCpu && !byMemory && !metrics && !external)
      throw wrongUsage('say what to go by: --cpu, --memory, --metric or --external', this.words)
    return this.change(app, {autoscale: {[component]: autoscaler}}, 'Autoscale')
  }

  /** What there is, with what is said; undefined where nothing is left of it. */
  #metrics(
    flag: keyof typeof written,
    present: Record<string, string> = {},
    said: string[] = [],
  ): Record<string, string> | undefined {
    const all = Object.entries({...present, ...Object.fromEntries(said.map(text => this.#metric(flag, text)))})
    const left = all.filter(([, quantity]) => Number.parseFloat(quantity) > 0)
    return left.length === 0 ? undefined : Object.fromEntries(left)
  }

  #metric(flag: keyof typeof written, text: string): [string, string] {
    const at = text.lastIndexOf('=')
    const [name, quantity] = [text.slice(0, at), text.slice(at + 1)]
    const metric = parseMetric(name)
    if (metric && /^\d+(\.\d+)?[A-Za-z]*$/.test(quantity) && !(flag === 'external' && metric.of !== undefined))
      return [name, quantity]
    throw wrongUsage(`--${flag}: "${text}" is not ${written[flag]}`, this.words)
  }
}
