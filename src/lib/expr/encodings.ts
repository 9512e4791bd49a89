/** Text to text, the same now on a plain string as later on a revealed secret. */
export type Reveal = 'urlEncode' | 'shellQuote' | 'base64' | 'jsonEscape' | 'iniValue'

/** What may be pending on a secret. */
export const reveals: Record<Reveal, (text: string) => string> = {
  urlEncode,
  shellQuote,
  base64,
  jsonEscape,
  iniValue,
}

/** Percent-encodes all but RFC 3986's unreserved characters: `encodeURIComponent` leaves `!'()*`, which some parsers trip over. */
export function urlEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** One word for a POSIX shell: single quotes, and `'\''` for a quote. Plain words stay as they are. */
export function shellQuote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** Of the UTF-8 bytes. */
export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** The inside of a JSON string; valid inside YAML's and TOML's double quotes, too. */
export function jsonEscape(text: string): string {
  // DEL is allowed in JSON, but not in YAML and TOML; the line separators are breaks in YAML 1.1.
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(
      /[\u007f-\u009f\u2028\u2029\ufeff]/g,
      character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}

/**
 * A value of an ini file: as it is where that is unambiguous, else in double quotes with `\"`, `\\`, `\n`. Quoted are values with
 * surrounding blanks, quotes, comment signs, backslashes or line breaks, and the empty one.
 */
export function iniValue(text: string): string {
  return text === '' || /^[\s"'`[]|\s$|[;#"\\\n\r]/.test(text)
    ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`
    : text
}
