const SECRETS: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 […]'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[token]'],
  [/(:\/\/[^/\s:@]*):[^@\s/]+@/g, '$1:[…]@'],
  [
    /([\w-]*(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|access[-_]?key|credentials?)[\w-]*)(["']?\s*[:=]\s*["']?)[^\s"',;}]+/gi,
    '$1$2[…]',
  ],
  [/\bAKIA[0-9A-Z]{16}\b/g, '[access key]'],
]

/** Takes out what looks like a secret. The last line of defence, for texts that nobody wrote for others: defects and their stacks. */
export function scrub(text: string): string {
  return SECRETS.reduce((scrubbed, [pattern, replacement]) => scrubbed.replaceAll(pattern, replacement), text)
}

/** A command line without what was said in it: command, flags' names, how many values. */
export function scrubArguments(argv: string[], commandWords: number): string[] {
  return argv.map((argument, i) => {
    if (i < commandWords) return argument
    if (argument.startsWith('-')) return argument.replace(/=.*$/s, '=[…]')
    return '[…]'
  })
}

/** The stack, and those of the causes. */
export function chain(error: unknown): string[] {
  const stacks: string[] = []
  for (
    let at: unknown = error;
    at !== undefined && at !== null && stacks.length < 10;
    at = at instanceof Error ? at.cause : undefined
  ) {
    stacks.push(
      `${stacks.length > 0 ? 'Caused by: ' : ''}${at instanceof Error ? (at.stack ?? `${at.name}: ${at.message}`) : String(at)}`,
    )
  }
  return stacks
}
