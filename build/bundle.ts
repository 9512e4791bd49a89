import {rm} from 'node:fs/promises'
import {isBuiltin} from 'node:module'
import {join} from 'node:path'
import {build, type Plugin} from 'esbuild'
import {frontDoors} from './front-doors.ts'
import {commandFiles, readProgram, root} from './program.ts'

/**
 * Bundles berth into dist/: one small entry, one chunk for what every command needs, one for each command and each library that it
 * alone needs.
 */
const files = await commandFiles()
const {manifest, packageJson} = await readProgram(files)
await rm(join(root, 'dist'), {recursive: true, force: true})
await build({
  entryPoints: {berth: join(root, 'bin/berth.ts')},
  outdir: join(root, 'dist'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node26',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [program(), withoutUnused(), builtins(), frontDoors()],
  logLevel: 'warning',
})

/** The module `berth:program`: the manifest as text, because V8 parses JSON faster than an object literal. */
function program(): Plugin {
  const loaders = files.map(({id, file}) => `${JSON.stringify(id)}: () => import(${JSON.stringify(file)})`)
  const contents = `
    const loaders = {${loaders.join(',\n')}}
    export const program = {
      root: ${JSON.stringify('/')},
      packageJson: ${JSON.stringify(packageJson)},
      manifest: JSON.parse(${JSON.stringify(JSON.stringify(manifest))}),
      load: async id => (await loaders[id]()).default,
    }`
  return {
    name: 'program',
    setup({onResolve, onLoad}) {
      onResolve({filter: /^berth:program$/}, ({path}) => ({path, namespace: 'program'}))
      onLoad({filter: /.*/, namespace: 'program'}, () => ({contents, resolveDir: root, loader: 'js'}))
    },
  }
}

/** What oclif imports to find plugins on a disk and to compile TypeScript: with a plugin in memory none of it ever runs. */
function withoutUnused(): Plugin {
  return {
    name: 'without-unused',
    setup({onResolve, onLoad}) {
      onResolve({filter: /^(typescript|tinyglobby|minimatch|lilconfig)$/}, ({path, importer}) =>
        importer.includes('@oclif/core') ? {path, namespace: 'unused'} : undefined,
      )
      onResolve({filter: /^wsl-utils$/}, ({path}) => ({path, namespace: 'unused'}))
      onLoad({filter: /.*/, namespace: 'unused'}, () => ({
        contents: 'export default {}; export const isWsl = false',
        loader: 'js',
      }))
    },
  }
}

/**
 * Node's own modules, without looking at what is in them: an ES import reads each export, and that loads what hides behind getters
 * (`node:util` and `node:fs` bring worker threads, readline and more, 10 ms in all). So modules are given as an object whose prototype
 * is the real one. What oclif imports for the odd case waits until it is used.
 */
function builtins(): Plugin {
  const seldom = /^node:(readline|child_process|perf_hooks)$/
  return {
    name: 'builtins',
    setup({onResolve, onLoad}) {
      onResolve({filter: /^[a-z_:/]+$/}, ({path, importer}) => {
        if (!isBuiltin(path)) return undefined
        const later = importer.includes('@oclif/core/') && seldom.test(path)
        return {path: path.startsWith('node:') ? path : `node:${path}`, namespace: later ? 'builtin-later' : 'builtin'}
      })
      onLoad({filter: /.*/, namespace: 'builtin'}, ({path}) => {
        const found = `process.getBuiltinModule('${path}')`
        // `node:assert`, `node:events` and `node:stream` are functions themselves.
        return {
          contents: `module.exports = ${typeof process.getBuiltinModule(path) === 'function' ? found : `Object.create(${found})`}`,
        }
      })
      onLoad({filter: /.*/, namespace: 'builtin-later'}, ({path}) => ({
        contents: `module.exports = new Proxy({}, {get: (_, name) => process.getBuiltinModule('${path}')[name]})`,
      }))
    },
  }
}
