/** Where a value is, instead of the value. */
export type Source = {$file: string} | {$env: string}

/** How the edge reads what flags and secrets point at. */
export interface ReadSource {
  /** Text stands for its UTF-8. */
  file(path: string): Promise<string | Uint8Array>
  env(name: string): string | undefined
}

/** What a source holds, or why there is none. */
export async function readSource(source: Source, read: ReadSource): Promise<{content: Buffer} | {problem: string}> {
  if ('$env' in source) {
    const text = read.env(source.$env)
    return text === undefined
      ? {problem: `the environment has no variable ${source.$env}`}
      : {content: Buffer.from(text)}
  }
  try {
    return {content: Buffer.from(await read.file(source.$file))}
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {problem: `the file ${source.$file} cannot be read: ${why}`}
  }
}
