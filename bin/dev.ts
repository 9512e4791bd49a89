import {commandFiles, readProgram} from '../build/program.ts'
import {main} from '../src/cli/main.ts'

const program = await readProgram(await commandFiles())
await main(program, process.argv.slice(2), process.env)
