import {execFileSync} from 'node:child_process'
import {createHash, randomUUID} from 'node:crypto'
import {cpSync, existsSync, mkdirSync, readFileSync, renameSync} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'

const module = join(import.meta.dirname, 'go')
/** A chart that people use, of middle size: what helm keeps of a release is its chart, so the fixtures' few lines would flatter it. */
const charts = {module: 'sigs.k8s.io/metrics-server@v0.9.0', sum: 'h1:nlqqZ2H0Xfko8eJC/1qaNVVT17hu4rxndkOi22KTZ4w='}
const flags = ['-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags=-s -w']

export interface Programs {
  helm: string
  /** A folder. */
  chart: string
  /** Runs a command and prints its wall time, CPU time and peak memory. */
  measure: string
}

/** Where the programs are: a folder named after everything that decides their content, as the sandbox has it for its own. */
export function programs(): Programs {
  const hash = createHash('sha256').update(flags.join(' ')).update(charts.sum)
  for (const file of ['go.mod', 'go.sum', 'measure/main.go']) hash.update(readFileSync(join(module, file)))
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const folder = join(cache, 'berth-bench', hash.digest('hex').slice(0, 12))
  return {helm: join(folder, 'helm'), chart: join(folder, 'chart'), measure: join(folder, 'measure')}
}

/** Builds what is missing: some minutes, the first time. Needs the Go module proxy, which a sandbox's network does not reach. */
function buildPrograms(): void {
  const folder = join(programs().helm, '..')
  if (existsSync(folder)) return
  process.stderr.write('building helm, for comparison: some minutes, this once …\n')
  const unfinished = join(folder, '..', `.unfinished-${randomUUID()}`)
  mkdirSync(unfinished, {recursive: true})
  const env = {...process.env, GOWORK: 'off', GOTOOLCHAIN: 'local', GOFLAGS: ''}
  for (const name of ['helm.sh/helm/v4/cmd/helm', './measure'])
    execFileSync('go', ['build', ...flags, '-o', `${unfinished}/`, name], {cwd: module, env, stdio: 'inherit'})
  const downloaded = execFileSync('go', ['mod', 'download', '-json', charts.module], {cwd: unfinished, env})
  const {Dir, Sum} = JSON.parse(downloaded.toString()) as {Dir: string; Sum: string}
  if (Sum !== charts.sum) throw new Error(`${charts.module} is not what it was: ${Sum}`)
  cpSync(join(Dir, 'charts/metrics-server'), join(unfinished, 'chart'), {recursive: true})
  // In one step: a build that is killed leaves no half of a folder.
  renameSync(unfinished, folder)
}

if (import.meta.main) buildPrograms()
