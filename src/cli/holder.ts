import {readFileSync, readlinkSync} from 'node:fs'
import {hostname} from 'node:os'
import type {Holder, HolderIdentity} from '../lib/anchor/index.ts'

/** This process as the holder of locks, and what this machine can tell of others that ran on it. */
export function localHolder(who: string): Holder {
  const here = describeProcess(process.pid)
  const identity: HolderIdentity = {who, host: hostname(), ...(here !== undefined && {process: here})}
  return {
    identity,
    isGone: other => {
      // Another boot or pid namespace has other processes under the same numbers.
      if (here === undefined || other.process === undefined) return undefined
      if (other.process.boot !== here.boot || other.process.namespace !== here.namespace) return undefined
      return describeProcess(other.process.pid)?.started !== other.process.started
    },
  }
}

/** By what Linux says of a process; undefined where there is none, it has ended but not been waited for, or there is no /proc. */
function describeProcess(pid: number): HolderIdentity['process'] | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const namespace = readlinkSync('/proc/self/ns/pid')
    // The second field is the program's name in parentheses, which may hold anything; the rest is plain. proc(5): state is 3, start 22.
    const [state, ...rest] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return state === 'Z' || state === 'X' ? undefined : {boot, namespace, pid, started: rest[18] ?? ''}
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ESRCH', 'EACCES', 'ENOTDIR'].includes(String(error.code))
    )
      return undefined
    throw error
  }
}
