import {createRequire, enableCompileCache} from 'node:module'
import {join} from 'node:path'
import {localPaths} from '../src/cli/local-paths.ts'

// V8's compiled code of each chunk is kept: 25 ms less at every start but the first. Where the folder cannot be written, nothing happens.
enableCompileCache(join(localPaths(process.env).cacheDir, 'compiled'))
// CommonJS that was bundled (oclif, yaml) asks for Node's own modules with it: once here costs less than in each chunk.
globalThis.require = createRequire(import.meta.url)
await import('./start.ts')
