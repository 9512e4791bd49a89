/** The texts of `Warning: 299 - "…"` headers (RFC 7234 section 5.5, KEP-1693), each once. Node joins several with commas. */
export function warningsOf(header: string | string[] | undefined): string[] {
  const joined = [header ?? []].flat().join(', ')
  const texts = [...joined.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(match =>
    (match[1] ?? '').replace(/\\(.)/g, '$1'),
  )
  return [...new Set(texts)]
}
