import {enableCompileCache} from 'node:module'
import {join} from 'node:path'
import {localPaths} from '../src/cli/local-paths.ts'

// V8's compiled code of each chunk is kept: 25 ms less at every start but the first. Where the folder cannot be written, nothing happens.
enableCompileCache(join(localPaths(process.env).cacheDir, 'compiled'))
const [{main}, {program}] = await Promise.all([import('../src/cli/main.ts'), import('berth:program')])
await main(program, process.argv.slice(2), process.env)
