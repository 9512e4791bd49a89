import {limits} from './limits.ts'

/**
 * Why a text is not given to the YAML parser; undefined if it is. The parser takes seconds and a gigabyte for a megabyte of `[`, and goes
 * over the stack: measured, with yaml 2.9. So what makes it work is counted first, roughly and fast.
 */
export function refuseYaml(text: string): string | undefined {
  if (text.length > limits.yamlBytes) return `the file has ${text.length} characters, ${limits.yamlBytes} are allowed`
  let pieces = 0
  let documents = 0
  let brackets = 0
  for (const {0: found} of text.matchAll(/\n(?:---|\.\.\.)?|[,[\]{}]|: /g)) {
    if (found === '[' || found === '{') brackets++
    else if (found === ']' || found === '}') brackets = Math.max(0, brackets - 1)
    else pieces++
    if (found.length > 1) documents++
    if (brackets > limits.yamlBrackets) return 'the file is nested too deep: more brackets are open than anyone needs'
    if (pieces > limits.yamlPieces) return `the file has more than ${limits.yamlPieces} lines and elements`
    if (documents > limits.objects * 2) return `the file has more than ${limits.objects} documents`
  }
  // `- - - -` and `? ? ? ?` nest on one line.
  return /(?:[-?:][ \t]+){64}/.test(text) ? 'the file is nested too deep: more than 64 levels on one line' : undefined
}
