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
    re2: '@bufbuild/re2',
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
  plugins: [apart(), untilUsed(), withoutOclifHelp()],
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

/** RE2, 18 ms of loading, is a file of its own, read where a regular expression is compiled: in the middle of what is synchronous. */
function untilUsed(): Plugin {
  return {
    name: 'until-used',
    setup({onResolve, onLoad}) {
      onResolve({filter: /^@bufbuild\/re2$/}, ({kind}) =>
        kind === 'entry-point' ? undefined : {path: 're2', namespace: 'until-used'},
      )
      onResolve({filter: /^\.\/re2\.js$/, namespace: 'until-used'}, ({path}) => ({path, external: true}))
      onLoad({filter: /.*/, namespace: 'until-used'}, () => ({
        contents: `Object.defineProperty(exports, 'RE2JS', {enumerable: true, get: () => require('./re2.js').RE2JS})`,
      }))
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
