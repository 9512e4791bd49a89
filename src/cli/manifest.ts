import type {Command} from '@oclif/core/command'

/** What help and errors need of the commands without loading them: `oclif.manifest.json`, made by the build. */
export interface Manifest {
  version: string
  commands: Record<string, CachedCommand>
}

export interface CachedCommand extends Pick<Command.Cached, 'id' | 'args' | 'flags'> {
  summary: string
  description?: string
  examples: Example[]
  resultKind: string
}

export interface Example {
  description: string
  command: string
}
