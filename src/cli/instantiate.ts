import {Config} from '@oclif/core/config'
import type {BerthCommand} from './base-command.ts'
import {inMemoryPlugin, type Program} from './plugin.ts'

export type AnyCommand = BerthCommand<never, unknown>

/** The command of this id, ready to run. Loaded at run time by `main`: help, `--version` and wrong commands need no oclif. */
export async function instantiate(program: Program, id: string, argv: string[]): Promise<AnyCommand> {
  const plugin = inMemoryPlugin(program)
  const [config, Type] = await Promise.all([
    Config.load({root: program.root, plugins: new Map([[plugin.name, plugin]])}),
    program.load(id),
  ])
  // `as`: oclif knows a command's class by its abstract base only.
  const command = new (Type as unknown as new (argv: string[], config: Config) => AnyCommand)(argv, config)
  command.id = id
  return command
}
