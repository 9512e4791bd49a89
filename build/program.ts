import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Command} from '@oclif/core/command'
import type {Manifest, Program} from '../src/cli/plugin.ts'

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

async function readPackageJson(): Promise<Program['packageJson']> {
  const {name, version, description, oclif} = JSON.parse(
    await readFile(join(root, 'package.json'), 'utf8'),
  ) as Program['packageJson']
  return {name, version, description, oclif}
}

/** The program as the source has it now. */
export async function readProgram(files: CommandFile[]): Promise<Program> {
  const packageJson = await readPackageJson()
  const classes = new Map(await Promise.all(files.map(async ({id, file}) => [id, await loadCommand(file)] as const)))
  const load = async (id: string) => {
    const found = classes.get(id)
    if (!found) throw new Error(`no command ${id}`)
    return found
  }
  return {root, packageJson, manifest: manifestOf(packageJson.version, classes), load}
}

/**
 * What help, errors and completion need of each command without loading it: oclif's manifest, less what has no value. (oclif's own
 * `cacheCommand` is not exported, and keeps every static there is.)
 */
function manifestOf(version: string, classes: Map<string, Command.Class>): Manifest {
  const commands = [...classes].map(([id, command]) => [id, cached(id, command)] as const)
  return JSON.parse(JSON.stringify({version, commands: Object.fromEntries(commands)})) as Manifest
}

function cached(id: string, command: Command.Class & {resultKind?: string}): Command.Cached {
  const {
    aliases,
    hiddenAliases,
    hidden = false,
    description,
    summary,
    examples,
    strict,
    usage,
    state,
    resultKind,
  } = command
  const flags = Object.entries({...command.flags, ...command.baseFlags}).map(([name, flag]) => {
    const {parse: _parse, input: _input, ...rest} = flag as unknown as Record<string, unknown>
    return [name, {...rest, name}]
  })
  const args = Object.entries(command.args).map(([name, arg]) => {
    const {parse: _parse, input: _input, ...rest} = arg as unknown as Record<string, unknown>
    return [name, {...rest, name}]
  })
  return {
    id,
    summary,
    description,
    examples,
    aliases,
    hiddenAliases,
    hidden,
    strict,
    usage,
    state,
    resultKind,
    args: Object.fromEntries(args),
    flags: Object.fromEntries(flags),
  }
}

async function loadCommand(file: string): Promise<Command.Class> {
  const module = (await import(file)) as {default?: Command.Class}
  if (!module.default) throw new Error(`${file} has no default export`)
  return module.default
}
