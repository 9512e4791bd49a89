import {createHash} from 'node:crypto'
import {copyFile, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {build, type Plugin} from 'esbuild'
import {commandFiles, root} from './manifest.ts'

/**
 * Bundles berth into dist/: a launcher, a file for each command with all that it needs, and one for help. package.json says
 * `sideEffects: false`: of a room of lib a command gets only what it uses of it.
 */
const dist = join(root, 'dist')
/** For kubeconfigs of the odd kind, 2 MB each: a file of its own that all commands load. */
const odd = ['config', 'oidc_auth', 'gcp_auth', 'azure_auth'].map(name => `@kubernetes/client-node/dist/${name}.js`)
/** Packages that load when they are first used, and what is used of them. RE2 takes 18 ms. */
const packages: Record<string, string[]> = {'@bufbuild/re2': ['RE2JS'], fflate: ['gzipSync']}
/** The same of Node's own modules, each with all that it has. */
const ofNode = ['node:fs/promises', 'node:readline', 'node:stream/consumers']
const seldom = new Map(Object.entries(packages))
for (const path of ofNode) seldom.set(path, Object.keys((await import(path)) as object))
const files = await commandFiles()
await rm(dist, {recursive: true, force: true})
await bundle({
  about: join(root, 'src/cli/about.ts'),
  ...Object.fromEntries(files.map(({id, file}) => [id.replaceAll(':', '-'), file])),
  ...Object.fromEntries(odd.map(path => [basename(path, '.js'), path])),
  ...Object.fromEntries(Object.keys(packages).map(path => [basename(path), path])),
  repo: join(root, 'src/lib/repo/index.ts'),
})
// The launcher knows the others by what is in them, and reads them as ASCII, which esbuild makes of all but regular expressions.
const built = createHash('sha256')
for (const name of (await readdir(dist)).sort()) {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  const text = (await readFile(join(dist, name), 'utf8')).replace(/[\u0080-\uffff]/g, escaped)
  await writeFile(join(dist, name), text)
  built.update(name).update(text)
}
await bundle(
  {berth: join(root, 'bin/berth.ts')},
  {COMMANDS: JSON.stringify(files.map(({id}) => id)), BUILD: JSON.stringify(built.digest('hex'))},
)
await copyFile(join(root, 'src/lib/authoring/kubernetes.json'), join(dist, 'kubernetes.json'))
// Where Node looks what kind of module a file is, and stops looking.
await writeFile(join(dist, 'package.json'), '{"type": "commonjs"}\n')

async function bundle(entryPoints: Record<string, string>, define: Record<string, string> = {}): Promise<void> {
  await build({
    entryPoints,
    define,
    outdir: dist,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node26',
    supported: {'dynamic-import': false}, // `require` instead, which needs nothing of Node's loader of ES modules
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    plugins: [apart(), untilUsed(), withoutOclifsOwn()],
    logLevel: 'warning',
  })
}

/** Leaves the odd files out of the others, what lint knows of Kubernetes, and repositories where one flag in many asks for them. */
function apart(): Plugin {
  return {
    name: 'apart',
    setup({onResolve}) {
      onResolve({filter: /^@kubernetes\/client-node\/dist/}, ({path, kind}) =>
        kind === 'dynamic-import' ? {path: `./${basename(path)}`, external: true} : undefined,
      )
      onResolve({filter: /\/lib\/repo\/index\.ts$/}, ({kind}) =>
        kind === 'dynamic-import' ? {path: './repo.js', external: true} : undefined,
      )
      onResolve({filter: /^\.\/kubernetes\.json$/}, ({path}) => ({path, external: true}))
    },
  }
}

/** What few commands use in the middle of what is synchronous: files of their own, read when one of these names is first used. */
function untilUsed(): Plugin {
  return {
    name: 'until-used',
    setup({onResolve, onLoad}) {
      onResolve({filter: /./}, ({path, kind, namespace}) => {
        if (namespace === 'until-used') return {path, external: true}
        return kind === 'entry-point' || !seldom.has(path) ? undefined : {path, namespace: 'until-used'}
      })
      onLoad({filter: /./, namespace: 'until-used'}, ({path}) => {
        const file = JSON.stringify(path.startsWith('node:') ? path : `./${basename(path)}.js`)
        const getters = seldom.get(path)?.map(name => `get ${name}() { return require(${file}).${name} }`) ?? []
        return {contents: `module.exports = {${getters.join(', ')}}`}
      })
    },
  }
}

/**
 * What oclif's parser imports for its own Command, which is not used here, in place of what is asked of it: its help, and with it
 * TypeScript and a search for plugins (7 MB); spinners; a debug log; the colours of errors that parse-errors.ts words anew. It takes an
 * eighth of the CPU time of `app list`.
 */
function withoutOclifsOwn(): Plugin {
  const instead: [RegExp, string][] = [
    [/@oclif\/core\/lib\/(help|ux)\/index\.js$/, ''],
    [/@oclif\/core\/lib\/ux\/theme\.js$/, 'exports.colorize = (_, text) => text'],
    [/@oclif\/core\/lib\/ux\/list\.js$/, "exports.__esModule = true; exports.default = () => ''"],
    [/@oclif\/core\/lib\/errors\/errors\/pretty-print\.js$/, ''],
    [/\/node_modules\/debug\/src\/index\.js$/, 'module.exports = () => () => undefined'],
    [/\/node_modules\/(clean-stack|indent-string|wrap-ansi)\/index\.js$/, ''],
  ]
  return {
    name: 'without-oclifs-own',
    setup({onLoad}) {
      for (const [filter, contents] of instead) onLoad({filter}, () => ({contents}))
    },
  }
}
