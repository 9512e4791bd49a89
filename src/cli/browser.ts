import {spawn} from 'node:child_process'
import {once} from 'node:events'
import type {Report} from '../lib/progress.ts'

/** Hands an address to the desktop, as one argument and without a shell. @returns whether somebody took it */
export async function openInBrowser(
  url: string,
  env: Record<string, string | undefined>,
  report: Report,
): Promise<boolean> {
  const mac = process.platform === 'darwin'
  if (!mac && !env.DISPLAY && !env.WAYLAND_DISPLAY) return false
  const opener = mac ? 'open' : 'xdg-open'
  const child = spawn(opener, [url], {detached: true, stdio: 'ignore', env})
  try {
    await once(child, 'spawn')
  } catch (error) {
    report({type: 'warning', message: `${opener} cannot be started: ${(error as Error).message}`})
    return false
  }
  child.unref()
  return true
}
