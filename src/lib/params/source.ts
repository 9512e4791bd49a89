/** Where a value is, instead of the value. */
export type Source = {$file: string} | {$env: string}

/** How the edge reads what flags and secrets point at. */
export interface ReadSource {
  file(path: string): Promise<string>
  env(name: string): string | undefined
}

/** The text that a source holds, or why there is none. */
export async function readSource(source: Source, read: ReadSource): Promise<{text: string} | {problem: string}> {
  if ('$env' in source) {
    const text = read.env(source.$env)
    return text === undefined ? {problem: `the environment has no variable ${source.$env}`} : {text}
  }
  try {
    return {text: await read.file(source.$file)}
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {problem: `the file ${source.$file} cannot be read: ${why}`}
  }
}
