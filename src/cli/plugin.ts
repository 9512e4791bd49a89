import type {Command} from '@oclif/core/command'
import type {Config} from '@oclif/core/config'

type Plugin = ReturnType<Config['getPluginsList']>[number]

/** What the build knows of a command: its flags, arguments and words, so that help and errors need not load it. */
export type Manifest = {version: string; commands: Record<string, Command.Cached>}

/** The program that `main` runs: made by the build (everything inlined) or by `bin/dev` (read from the source). */
export interface Program {
  root: string
  packageJson: {name: string; version: string; description: string; oclif: Record<string, unknown>}
  manifest: Manifest
  load(id: string): Promise<Command.Class>
}

/** oclif's plugin, in memory: nothing is looked for on the disk, a command's module is loaded when it runs. */
export function inMemoryPlugin({root, packageJson, manifest, load}: Program): Plugin {
  const {name, version} = packageJson
  const loadCommand = async (id: string) => Object.assign(await load(id), {id})
  const commands = Object.entries(manifest.commands).map(([id, cached]) => ({
    ...cached,
    id,
    pluginName: name,
    pluginType: 'core',
    load: () => loadCommand(id),
  }))
  return {
    _base: '',
    alias: name,
    name,
    version,
    root,
    type: 'core',
    valid: true,
    isRoot: true,
    moduleType: 'module',
    hasManifest: true,
    options: {root},
    hooks: {},
    pjson: packageJson,
    commandsDir: undefined,
    commandIDs: commands.map(({id}) => id),
    commands,
    topics: Object.entries((packageJson.oclif.topics ?? {}) as Record<string, {description: string}>).map(
      ([topic, {description}]) => ({name: topic, description}),
    ),
    findCommand: ((id: string) => loadCommand(id)) as Plugin['findCommand'],
    load: async () => undefined,
  } as unknown as Plugin // `as`: oclif's type asks for more than it reads of a plugin that is given to it.
}
