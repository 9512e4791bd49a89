import {program} from 'berth:program'
import {main} from '../src/cli/main.ts'

await main(program, process.argv.slice(2), process.env)
