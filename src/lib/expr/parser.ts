import {literal, type Token, tokenize} from './lexer.ts'
import {limits} from './limits.ts'
import {type BinaryOperator, type Constant, macros, type Node, precedence} from './tree.ts'

/** Why a source is no expression. */
export class SyntaxFault extends Error {
  readonly rule: 'syntax' | 'unsupported' | 'limit'
  readonly at: number
  readonly fix: string | undefined

  constructor(rule: SyntaxFault['rule'], at: number, message: string, fix?: string) {
    super(message)
    this.rule = rule
    this.at = at
    this.fix = fix
  }
}

const constants: Record<string, Constant> = {true: true, false: false, null: null}
const reserved = new Set(
  'in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

/**
 * CEL's grammar (https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax) by recursive descent. It recurses through brackets
 * only, whose depth is bounded: chains of operators and of `? :` are loops.
 * @throws SyntaxFault
 */
export function parseTree(source: string): Node {
  const tokens = [...tokenize(source)]
  let position = 0
  let depth = 0
  const root = expression()
  if (peek().kind !== 'end') throw unexpected()
  return root

  function peek(): Token {
    return tokens[position] as Token
  }

  /** The next token, if it is this sign. */
  function take(sign: string): Token | undefined {
    const token = peek()
    if (token.text !== sign) return undefined
    position++
    return token
  }

  function expect(sign: string): Token {
    const token = take(sign)
    if (token === undefined) throw unexpected()
    return token
  }

  function name(): Token {
    const token = peek()
    if (token.kind !== 'name') throw unexpected()
    position++
    return token
  }

  /** `a ? b : c ? d : e` is `a ? b : (c ? d : e)`. */
  function expression(): Node {
    const choices: {at: number; test: Node; then: Node}[] = []
    for (;;) {
      const test = binary(0)
      const at = take('?')?.at
      if (at === undefined)
        return choices.reduceRight((otherwise, choice) => ({k: 'choice', ...choice, otherwise}), test)
      const then = binary(0)
      expect(':')
      choices.push({at, test, then})
    }
  }

  function binary(level: number): Node {
    const operators: readonly BinaryOperator[] | undefined = precedence[level]
    if (operators === undefined) return unary()
    let left = binary(level + 1)
    for (;;) {
      const at = peek().at
      const op = operators.find(take)
      if (op === undefined) return left
      left = {at, k: 'binary', op, left, right: binary(level + 1)}
    }
  }

  /** The sign of a number belongs to it: the least integer has no positive. */
  function unary(): Node {
    const op = peek().text === '!' ? '!' : '-'
    const signs: Token[] = []
    for (let sign = take(op); sign !== undefined; sign = take(op)) signs.push(sign)
    const negative = op === '-' && peek().kind === 'number' ? signs.pop() : undefined
    return signs.reduceRight<Node>((operand, {at}) => ({at, k: 'unary', op, operand}), member(negative))
  }

  function member(negative: Token | undefined): Node {
    let node = primary(negative)
    for (;;) {
      const {at, text} = peek()
      if (take('.')) {
        const field = name()
        node = take('(') ? call(at, field.text, node) : {at, k: 'select', operand: node, field: field.text}
      } else if (take('[')) node = nested(() => indexed(at, node))
      else if (text === '{' && (node.k === 'select' || node.k === 'name'))
        throw new SyntaxFault('unsupported', at, 'protobuf messages do not exist here', 'write a map: {"field": value}')
      else return node
    }
  }

  /** `x["a"]` is `x.a`. */
  function indexed(at: number, operand: Node): Node {
    const index = expression()
    expect(']')
    return index.k === 'const' && typeof index.value === 'string'
      ? {at, k: 'select', operand, field: index.value}
      : {at: operand.at, k: 'index', operand, index}
  }

  function primary(negative: Token | undefined): Node {
    const token = peek()
    const {at, kind, text} = token
    if (kind === 'number' || kind === 'string') {
      position++
      return constant(negative === undefined ? token : {...token, at: negative.at, text: `-${text}`})
    }
    if (take('('))
      return nested(() => {
        const inner = expression()
        expect(')')
        return inner
      })
    if (take('[')) return {at, k: 'list', elements: items(']', expression)}
    if (take('{')) return {at, k: 'map', entries: items('}', entry)}
    if (kind !== 'name' || reserved.has(text)) throw unexpected()
    position++
    if (Object.hasOwn(constants, text)) return {at, k: 'const', value: constants[text] ?? null}
    return take('(') ? call(at, text, undefined) : {at, k: 'name', name: text}
  }

  function constant(token: Token): Node {
    try {
      return {at: token.at, k: 'const', value: literal(token)}
    } catch (error) {
      throw new SyntaxFault('unsupported', token.at, (error as Error).message)
    }
  }

  function entry(): {key: Node; value: Node} {
    const key = expression()
    expect(':')
    return {key, value: expression()}
  }

  /** Up to the bracket that closes them; a comma may stand behind the last. */
  function items<T>(close: string, item: () => T): T[] {
    return nested(() => {
      const found: T[] = []
      while (take(close) === undefined) {
        found.push(item())
        if (take(',') === undefined && peek().text !== close) throw unexpected()
      }
      return found
    })
  }

  /** Parses what stands in brackets. */
  function nested<T>(inside: () => T): T {
    if (++depth > limits.depth) {
      const message = `brackets are nested deeper than ${limits.depth}`
      throw new SyntaxFault('limit', tokens[position - 1]?.at ?? 0, message, 'move parts of it to `let`')
    }
    const result = inside()
    depth--
    return result
  }

  /** A function, or what looks like one: `has(x.y)`, the macros, and `strings.quote(x)`, whose name has a dot. */
  function call(at: number, fn: string, target: Node | undefined): Node {
    const args = items(')', expression)
    const [first, second, third] = args
    if (target === undefined) {
      if (fn !== 'has') return {at, k: 'call', fn, target, args}
      if (first?.k === 'select' && args.length === 1) return {...first, k: 'has'}
      throw new SyntaxFault('syntax', at, 'has() takes a field', 'has(params.x)')
    }
    if (target.k === 'name' && target.name === 'strings' && fn === 'quote')
      return {at: target.at, k: 'call', fn: 'strings.quote', target: undefined, args}
    const macro = macros.find(macro => macro === fn)
    const three = macro === 'map' && third !== undefined
    if (macro === undefined || second === undefined || args.length !== (three ? 3 : 2))
      return {at, k: 'call', fn, target, args}
    if (first?.k !== 'name')
      throw new SyntaxFault('syntax', first?.at ?? at, `${macro} needs a name for its elements`, `xs.${macro}(x, …)`)
    const [test, step] = macro !== 'map' ? [second] : three ? [second, third] : [undefined, second]
    return {at, k: 'macro', macro, range: target, variable: first.name, test, step}
  }

  function unexpected(): SyntaxFault {
    const {at, kind, text} = peek()
    const [message, fix] =
      kind === 'end'
        ? ['the expression ends too early']
        : /^["']/.test(text) && kind === 'bad'
          ? ['a string is not closed', 'end it with the quote it began with']
          : [`unexpected \`${text.length > 20 ? `${text.slice(0, 20)}…` : text}\``, slips[text]]
    return new SyntaxFault('syntax', at, message ?? '', fix)
  }
}

/** What people write who come from elsewhere. */
const slips: Record<string, string> = {
  '=': 'compare with ==',
  '?': 'put the inner condition in parentheses: a ? (b ? 1 : 2) : 3',
  $: 'an expression does not contain templates: concatenate, "a" + params.x',
  and: 'write &&',
  or: 'write ||',
  not: 'write !',
}
