/** Bounds of one YAML file, and of each document in it. */
export const limits = {
  characters: 512 * 1024,
  documents: 1000,
  /** Lines and commas: about what there are nodes. */
  pieces: 40_000,
  /** Brackets that are open at once, before the parser is asked; scripts in block texts count, so it is generous. */
  brackets: 400,
  /** Nodes of a document, with what aliases repeat. */
  nodes: 50_000,
  depth: 100,
  levelsOnLine: 64,
} as const

/**
 * Why a text is not given to the YAML parser; undefined if it is. The parser takes seconds and a gigabyte for a megabyte of `[`, and goes
 * over the stack: measured, with yaml 2.9. So what makes it work is counted first, roughly and fast.
 */
export function refuseYaml(text: string): string | undefined {
  if (text.length > limits.characters) return `the file has ${text.length} characters, ${limits.characters} are allowed`
  let pieces = 0
  let documents = 0
  let brackets = 0
  let colons = 0
  for (const {0: found} of text.matchAll(/\n(?:---|\.\.\.)?|[,[\]{}]|:[ \t]/g)) {
    if (found === '[' || found === '{') brackets++
    else if (found === ']' || found === '}') brackets = Math.max(0, brackets - 1)
    else pieces++
    if (found.length > 2) documents++
    // `a: a: a: a:` is a fault for each, and the parser goes on.
    colons = found[0] === ':' ? colons + 1 : 0
    if (colons > limits.levelsOnLine) return `the file has more than ${limits.levelsOnLine} colons in a row`
    if (brackets > limits.brackets) return 'the file is nested too deep: more brackets are open than anyone needs'
    if (pieces > limits.pieces) return `the file has more than ${limits.pieces} lines and elements`
    if (documents > limits.documents) return `the file has more than ${limits.documents} documents`
  }
  // `- - - -` and `? ? ? ?` nest on one line.
  return /(?:[-?:][ \t]+){64}/.test(text) ? 'the file is nested too deep: more than 64 levels on one line' : undefined
}
