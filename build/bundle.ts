import {rm, writeFile} from 'node:fs/promises'
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
const files = await commandFiles()
await rm(dist, {recursive: true, force: true})
await build({
  entryPoints: {
    berth: join(root, 'bin/berth.ts'),
    about: join(root, 'src/cli/about.ts'),
    ...Object.fromEntries(files.map(({id, file}) => [id.replace(':', '-'), file])),
    ...Object.fromEntries(odd.map(path => [basename(path, '.js'), path])),
  },
  outdir: dist,
  define: {COMMANDS: JSON.stringify(files.map(({id}) => id))},
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node26',
  supported: {'dynamic-import': false}, // `require` instead, which needs nothing of Node's loader of ES modules
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  plugins: [apart(), withoutOclifHelp()],
  logLevel: 'warning',
})
// Where Node looks what kind of module a file is, and stops looking.
await writeFile(join(dist, 'package.json'), '{"type": "commonjs"}\n')

/** Leaves the odd files out of the others. */
function apart(): Plugin {
  return {
    name: 'apart',
    setup({onResolve}) {
      onResolve({filter: /^@kubernetes\/client-node\/dist/}, ({path, kind}) =>
        kind === 'dynamic-import' ? {path: `./${basename(path)}`, external: true} : undefined,
      )
    },
  }
}

/** oclif's parser imports oclif's help, and with it TypeScript and a search for plugins: 7 MB that nothing of ours calls. */
function withoutOclifHelp(): Plugin {
  return {
    name: 'without-oclif-help',
    setup({onLoad}) {
      onLoad({filter: /@oclif\/core\/lib\/help\/index\.js$/}, () => ({contents: ''}))
    },
  }
}
