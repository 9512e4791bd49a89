import {execFile} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {connect, type Kube} from '../src/lib/kube/index.ts'
import type {Env} from './measure.ts'
import {Rooms} from './rooms.ts'

export const root = join(import.meta.dirname, '..')
export const berth = join(root, 'bin/berth')

export interface Session {
  kube: Kube
  rooms: Rooms
  env: Env
  /** Not measured. */
  run(command: string, args: string[]): Promise<{stdout: string}>
}

/** A home of the bench's own (nobody's caches, nobody's configuration), and namespaces; both are gone at the end. */
export async function inSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const kube = await connect({env: process.env})
  const rooms = new Rooms(kube)
  const home = await mkdtemp(join(tmpdir(), 'berth-bench-'))
  const {PATH, KUBECONFIG} = process.env
  // In particular no NODE_EXTRA_CA_CERTS, which costs every start of Node 50 ms.
  const env = {PATH, KUBECONFIG, HOME: home, LANG: 'C.UTF-8'}
  // Ctrl-C ends what is being measured, and with it the bench, which then clears up.
  process.on('SIGINT', () => undefined)
  try {
    return await work({
      kube,
      rooms,
      env,
      run: (command, args) => promisify(execFile)(command, args, {env, maxBuffer: 1e9}),
    })
  } finally {
    process.stderr.write('clearing up …\n')
    await rooms.clear()
    kube.close()
    await rm(home, {recursive: true, force: true})
  }
}
