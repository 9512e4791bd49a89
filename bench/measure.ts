import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {programs} from './programs.ts'

/** One run of a process, or the medians of many. */
export interface Cost {
  wallMillis: number
  cpuMillis: number
  peakRssBytes: number
}

/** A command line; a function of the number of the run where each run needs another name. */
export type Command = (run: number) => string[]

/** The same work by both; helm's is missing where it has none such. */
export interface Compared {
  berth: Cost
  helm?: Cost
}

export interface Commands {
  berth: Command
  helm?: Command
}

/** Runs both in turn, A B A B, so that whatever else the machine does hits both alike. The first pair warms caches and does not count. */
export async function compare(commands: Commands, runs: number, env: Env): Promise<Compared> {
  const costs: {berth: Cost[]; helm: Cost[]} = {berth: [], helm: []}
  for (let run = 0; run <= runs; run++) {
    for (const who of ['berth', 'helm'] as const) {
      const command = commands[who]?.(run)
      const cost = command && (await measure(command, env))
      if (cost && run > 0) costs[who].push(cost)
    }
  }
  return {berth: medians(costs.berth), ...(commands.helm && {helm: medians(costs.helm)})}
}

/** The same of any commands, with their medians printed. */
export async function inTurn(commands: Record<string, string[]>, runs: number, env: Env): Promise<void> {
  const costs = new Map(Object.keys(commands).map(who => [who, [] as Cost[]]))
  for (let run = 0; run <= runs; run++)
    for (const [who, command] of Object.entries(commands)) {
      const cost = await measure(command, env)
      if (run > 0) costs.get(who)?.push(cost)
    }
  for (const [who, all] of costs) {
    const {wallMillis, cpuMillis, peakRssBytes} = medians(all)
    const numbers = [wallMillis, cpuMillis].map(value => `${value.toFixed(0)} ms`)
    process.stdout.write(`${who}: ${numbers.join(', CPU ')}, ${(peakRssBytes / 1e6).toFixed(0)} MB\n`)
  }
}

export type Env = Record<string, string | undefined>

/** @throws where the command fails, with what it said */
export async function measure(command: string[], env: Env): Promise<Cost> {
  const {stdout} = await promisify(execFile)(programs().measure, command, {env})
  return JSON.parse(stdout) as Cost
}

export function medians(costs: Cost[]): Cost {
  const of = (name: keyof Cost) => median(costs.map(cost => cost[name]))
  return {wallMillis: of('wallMillis'), cpuMillis: of('cpuMillis'), peakRssBytes: of('peakRssBytes')}
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]]
  return (low + high) / 2
}
