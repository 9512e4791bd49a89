import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import packageJson from '../package.json' with {type: 'json'}
import type {BerthCommand} from '../src/cli/base-command.ts'
import {globalFlags} from '../src/cli/flags.ts'
import type {CachedCommand, Manifest} from '../src/cli/manifest.ts'

export const root = join(import.meta.dirname, '..')

export interface CommandFile {
  /** `repo:add` */
  id: string
  /** Absolute. */
  file: string
}

/** The commands, by where their files stand: `src/commands/repo/add.ts` is `repo:add`. */
export async function commandFiles(): Promise<CommandFile[]> {
  const files = (await readdir(join(root, 'src/commands'), {recursive: true})).filter(file => file.endsWith('.ts'))
  return files
    .sort()
    .map(file => ({id: file.replace(/\.ts$/, '').replaceAll('/', ':'), file: join(root, 'src/commands', file)}))
}

/** oclif's manifest of the commands as the source has them now, less what has no value or cannot be written. */
export async function readManifest(): Promise<Manifest> {
  const commands = (await commandFiles()).map(async ({id, file}) => [id, await cached(id, file)] as const)
  const manifest = {version: packageJson.version, commands: Object.fromEntries(await Promise.all(commands))}
  return JSON.parse(JSON.stringify(manifest))
}

async function cached(id: string, file: string): Promise<CachedCommand> {
  const {default: command}: {default: typeof BerthCommand} = await import(file)
  const {summary, description, examples, resultKind, args, flags} = command
  return {
    id,
    summary,
    ...(description !== undefined && {description}),
    examples,
    resultKind,
    args: named(args) as CachedCommand['args'],
    flags: named({...flags, ...globalFlags}) as CachedCommand['flags'],
  }
}

function named(definitions: Record<string, object>): object {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, {...definition, input: undefined, name}]),
  )
}
