import {commandFiles} from '../build/manifest.ts'
import {about} from '../src/cli/about.ts'
import {readCommandLine} from '../src/cli/command-line.ts'

const argv = process.argv.slice(2)
const files = await commandFiles()
const {id, help} = readCommandLine(
  argv,
  files.map(({id}) => id),
)
const file = help ? undefined : files.find(file => file.id === id)
await (file ? (await import(file.file)).default.main(file.id, argv, process.env) : about(argv, process.env))
