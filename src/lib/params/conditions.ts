/** A condition that JSON Schema can say, too: comparisons of fields with constants, joined. */
export type Condition =
  | {is: 'all' | 'any'; of: Condition[]}
  | {is: 'not'; of: Condition}
  /** The field equals one of the values; null stands for unset. */
  | {is: 'oneOf'; path: string[]; values: unknown[]}

/** Reads CEL as a condition, or undefined: most conditions are simple, the rest stays CEL. */
export function readCondition(source: string): Condition | undefined {
  const tokens = tokenise(source)
  if (tokens === undefined) return undefined
  let at = 0
  const whole = either()
  return at === tokens.length ? whole : undefined

  function take(token: string): boolean {
    if (tokens?.[at] !== token) return false
    at++
    return true
  }

  function either(): Condition | undefined {
    return joined('any', '||', both)
  }

  function both(): Condition | undefined {
    return joined('all', '&&', one)
  }

  function joined(is: 'all' | 'any', operator: string, part: () => Condition | undefined): Condition | undefined {
    const parts = [part()]
    while (take(operator)) parts.push(part())
    const known = parts.filter(found => found !== undefined)
    if (known.length < parts.length) return undefined
    return known.length === 1 ? known[0] : {is, of: known}
  }

  function one(): Condition | undefined {
    if (take('!')) {
      const inner = one()
      return inner === undefined ? undefined : {is: 'not', of: inner}
    }
    if (take('(')) {
      const inner = either()
      return take(')') ? inner : undefined
    }
    const path = field()
    if (path === undefined) return undefined
    if (take('==')) return compare(path, constant(), false)
    if (take('!=')) return compare(path, constant(), true)
    if (take('in')) return oneOf(path, list())
    return {is: 'oneOf', path, values: [true]}
  }

  function field(): string[] | undefined {
    const token = tokens?.[at]
    if (token === undefined || !/^params(\.\w+)+$/.test(token)) return undefined
    at++
    return token.split('.').slice(1)
  }

  function constant(): {value: unknown} | undefined {
    const token = tokens?.[at++]
    if (token === undefined) return undefined
    if (token === 'true' || token === 'false') return {value: token === 'true'}
    if (token === 'null') return {value: null}
    if (/^-?\d+(\.\d+)?$/.test(token)) return {value: Number(token)}
    return /^(["'])[^\\]*\1$/.test(token) ? {value: token.slice(1, -1)} : undefined
  }

  function list(): unknown[] | undefined {
    if (!take('[')) return undefined
    const values: unknown[] = []
    do {
      const found = constant()
      if (found === undefined) return undefined
      values.push(found.value)
    } while (take(','))
    return take(']') ? values : undefined
  }
}

function compare(path: string[], found: {value: unknown} | undefined, negated: boolean): Condition | undefined {
  if (found === undefined) return undefined
  const equal: Condition = {is: 'oneOf', path, values: [found.value]}
  return negated ? {is: 'not', of: equal} : equal
}

function oneOf(path: string[], values: unknown[] | undefined): Condition | undefined {
  return values === undefined ? undefined : {is: 'oneOf', path, values}
}

function tokenise(source: string): string[] | undefined {
  const token =
    /\s*(params(?:\.\w+)+|==|!=|&&|\|\||[!()[\],]|in\b|true\b|false\b|null\b|-?\d+(?:\.\d+)?|"[^"\\\n]*"|'[^'\\\n]*')/y
  const tokens: string[] = []
  while (token.lastIndex < source.length) {
    const start = token.lastIndex
    const match = token.exec(source)
    if (match?.[1] === undefined) return source.slice(start).trim() === '' ? tokens : undefined
    tokens.push(match[1])
  }
  return tokens
}

/** The fields that a condition reads. */
export function fieldsOf(condition: Condition): string[][] {
  if (condition.is === 'oneOf') return [condition.path]
  return condition.is === 'not' ? fieldsOf(condition.of) : condition.of.flatMap(fieldsOf)
}
