import {compileExpression} from '../expressions.ts'
import {isRecord} from '../json.ts'
import type {Keywords} from './keyword.ts'

/** berth's own keyword: CEL over `value` that must be true, each with its words. */
export const checks: Keywords<unknown> = {
  checks(said, value, {path, budget}) {
    return (Array.isArray(said) ? said.filter(isRecord) : []).flatMap(({check, message}) => {
      const result = compileExpression(String(check), 'check').evaluate({value}, {budget})
      if ('value' in result && result.value === true) return []
      const why = 'value' in result ? String(message ?? `must fit ${check}`) : `cannot be checked: ${result.why}`
      return [{path, code: 'check', message: why, got: value}]
    })
  },
}
