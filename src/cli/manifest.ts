import type {Command} from '@oclif/core/command'

/** What help and errors need of the commands without loading them: `oclif.manifest.json`, made by the build. */
export interface Manifest {
  version: string
  commands: Record<string, CachedCommand>
}

export type CachedCommand = Pick<Command.Cached, 'id' | 'summary' | 'description' | 'examples' | 'args' | 'flags'> & {
  resultKind: string
}
