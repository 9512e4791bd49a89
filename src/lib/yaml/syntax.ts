import type {YAMLException} from 'js-yaml'

const tooDeep = /^nesting exceeded/
const noColon = 'can not read a block mapping entry; a multiline key may not be an implicit key'

/** What to do about it, by the parser's words. */
const fixes: Record<string, string> = {
  'tab characters must not be used in indentation': 'indent with spaces',
  'deficient indentation': 'close the quote or the bracket before it, or indent what stands in it',
  'bad indentation of a mapping entry':
    'begin the fields of a map in one column, and quote a text that has ": " in it or begins with @, ` or %',
  'bad indentation of a sequence entry': 'begin the dashes of a list in one column',
  'missed comma between flow collection entries': 'quote a text that has brackets or braces in it',
  'end of the stream or a document separator is expected':
    'a document is one map or one list, from its first column on',
}

/** Why a text is not YAML, and where: an offset into it. */
export function syntaxFault({reason, mark}: YAMLException, text: string) {
  const at = mark?.position ?? 0
  if (tooDeep.test(reason)) return {rule: 'limit', at, message: 'the file is nested too deep', fix: undefined}
  if (reason !== noColon) return {rule: 'yaml-syntax', at, message: reason, fix: fixes[reason]}
  // Noticed at the colon of the next field, or at the end: what lacks one stands on the line before.
  const end = text.lastIndexOf('\n', at - 1)
  const line = text.lastIndexOf('\n', end - 1) + 1
  const indent = text.slice(line, end).search(/\S|$/)
  return {
    rule: 'yaml-syntax',
    at: line + indent,
    message: 'a field has no colon',
    fix: 'write name: value, with a blank',
  }
}
