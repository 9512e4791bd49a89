/** A command line without its flags. */
export interface CommandLine {
  /** What stands before the first flag: a command and its arguments, or words that are none. */
  words: string[]
  /** Of the command that the words begin with: `app:list`. */
  id?: string
  help: boolean
  version: boolean
}

/** Finds the command, of those that there are: the longest run of words that is one. Flags come after it. */
export function readCommandLine(argv: string[], ids: string[]): CommandLine {
  const options = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv
  const firstFlag = options.findIndex(option => option.startsWith('-'))
  const [first, ...rest] = firstFlag === -1 ? options : options.slice(0, firstFlag)
  const help = first === 'help' || options.includes('--help') || options.includes('-h')
  const words = first === undefined ? [] : first === 'help' ? rest : [first, ...rest]
  const id = words.map((_, i) => words.slice(0, words.length - i).join(':')).find(id => ids.includes(id))
  return {words, help, version: options[0] === '--version' || first === 'version', ...(id !== undefined && {id})}
}
