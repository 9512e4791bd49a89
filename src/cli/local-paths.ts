import {homedir} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'
import type {LocalPaths} from '../lib/config/index.ts'

/**
 * Where berth keeps its own files on this machine, by the XDG Base Directory Specification 0.8 (relative paths in its variables are
 * ignored, as it says). BERTH_CONFIG names the configuration file outright.
 */
export function localPaths(env: Record<string, string | undefined>): LocalPaths {
  const workDir = currentFolder()
  const home = env.HOME || homedir()
  const base = (name: string, fallback: string) => {
    const set = env[name]
    return join(set && isAbsolute(set) ? set : join(home, fallback), 'berth')
  }
  return {
    configFile: env.BERTH_CONFIG
      ? resolve(workDir, env.BERTH_CONFIG)
      : join(base('XDG_CONFIG_HOME', '.config'), 'config.yaml'),
    stateDir: base('XDG_STATE_HOME', '.local/state'),
    cacheDir: base('XDG_CACHE_HOME', '.cache'),
    workDir,
  }
}

/** A folder that was deleted under us has no name any more. */
function currentFolder(): string {
  try {
    return process.cwd()
  } catch {
    return '/'
  }
}
