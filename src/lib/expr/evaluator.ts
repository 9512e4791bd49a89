import {nearest} from '../nearest.ts'
import {functions, leaveNullOut} from './functions.ts'
import {negate, operate} from './operators.ts'
import {Fault, type Run} from './run.ts'
import {hasSecret} from './secrets.ts'
import {type Signature, wantedBy} from './signatures.ts'
import {type Kind, type Node, pathOf} from './tree.ts'
import type {ExprType, Scope, TypeScope} from './types.ts'
import {Dict, kindOf, toValue, type Value} from './values.ts'

/** Variables of macros, the innermost first. */
interface Variables {
  name: string
  value: Value
  outer: Variables | undefined
}

/** What an error that is not the last word costs: about what throwing and catching it takes. */
const faultCost = 10

/** Walks the tree: each node is a unit of work, whatever it does besides. `previous` is for `changed(x)`. */
export function createEvaluator(
  run: Run,
  scope: Scope,
  types: TypeScope = {},
  previous?: Scope,
): (node: Node, variables?: Variables) => Value {
  const globals = new Map<string, Value>()
  return evaluate

  function evaluate(node: Node, variables?: Variables): Value {
    run.charge(1)
    switch (node.k) {
      case 'const':
        return node.value
      case 'name':
        return named(node, variables)
      case 'select':
        return select(node, evaluate(node.operand, variables))
      case 'has': {
        const operand = evaluate(node.operand, variables)
        return operand instanceof Dict && (operand.get(node.field) ?? null) !== null
      }
      case 'index':
        return index(node, evaluate(node.operand, variables), evaluate(node.index, variables))
      case 'unary': {
        const operand = evaluate(node.operand, variables)
        run.at = node.at
        return node.op === '-' ? negate(operand) : !truth(operand)
      }
      case 'binary': {
        if (node.op === '&&' || node.op === '||')
          return decided(node.op === '||', [node.left, node.right], side => evaluate(side, variables))
        const [left, right] = [evaluate(node.left, variables), evaluate(node.right, variables)]
        run.at = node.at
        return operate(node.op, left, right, run)
      }
      case 'choice': {
        const test = evaluate(node.test, variables)
        run.at = node.at
        return evaluate(truth(test) ? node.then : node.otherwise, variables)
      }
      case 'list':
        return node.elements.map(element => evaluate(element, variables))
      case 'map':
        return dict(node, variables)
      case 'macro':
        return macro(node, variables)
      case 'call':
        return node.fn === 'changed' && node.target === undefined ? changed(node, variables) : call(node, variables)
    }
  }

  function named({at, name}: Kind<'name'>, variables: Variables | undefined): Value {
    for (let known = variables; known !== undefined; known = known.outer) if (known.name === name) return known.value
    const known = globals.get(name)
    if (known !== undefined) return known
    run.at = at
    if (!Object.hasOwn(scope, name)) {
      const guess = nearest(name, Object.keys(scope))
      const fix = guess === undefined ? undefined : `did you mean ${guess}?`
      throw new Fault(`there is no \`${name}\` here`, fix, 'unknown-name')
    }
    const value = toValue(scope[name], Object.hasOwn(types, name) ? types[name] : undefined, run)
    globals.set(name, value)
    return value
  }

  function select({at, field}: Kind<'select'>, operand: Value): Value {
    run.at = at
    if (!(operand instanceof Dict)) throw new Fault(`${kindOf(operand)} has no field ${field}`)
    const value = operand.get(field)
    if (value === undefined) throw new Fault(`there is no field ${field}`)
    return value
  }

  function index(node: Kind<'index'>, operand: Value, key: Value): Value {
    if (typeof key === 'string') return select({...node, k: 'select', field: key}, operand)
    run.at = node.at
    const whole = typeof key === 'bigint' || (typeof key === 'number' && Number.isInteger(key))
    if (!Array.isArray(operand) || !whole) throw new Fault(`${kindOf(operand)} is not indexed by ${kindOf(key)}`)
    const value = operand[Number(key)]
    if (value === undefined) throw new Fault(`index ${key} is out of bounds: the list has ${operand.length} elements`)
    return value
  }

  function dict({entries}: Kind<'map'>, variables: Variables | undefined): Dict {
    const values = new Map<string, Value>()
    for (const entry of entries) {
      const key = evaluate(entry.key, variables)
      const value = evaluate(entry.value, variables)
      run.at = entry.key.at
      if (typeof key !== 'string')
        throw new Fault(`${kindOf(key)} is used as a key; keys are strings`, 'write string(x) for the key')
      if (values.has(key)) throw new Fault(`the key ${JSON.stringify(key)} stands twice`)
      values.set(key, value)
    }
    return new Dict(values)
  }

  /** Of a list or the keys of a map. */
  function macro(node: Kind<'macro'>, variables: Variables | undefined): Value {
    const range = evaluate(node.range, variables)
    run.at = node.at
    const items: Value[] | undefined = range instanceof Dict ? range.keys : Array.isArray(range) ? range : undefined
    if (items === undefined) throw new Fault(`${node.macro} goes over a list or a map, not ${kindOf(range)}`)
    run.elements(items.length)
    const {test, step, variable: name} = node
    const within = (body: Node | undefined, value: Value) =>
      body === undefined ? true : evaluate(body, {name, value, outer: variables})
    const passes = (item: Value) => truth(within(test, item))
    switch (node.macro) {
      case 'all':
      case 'exists':
        return decided(node.macro === 'exists', items, item => within(test, item))
      case 'exists_one':
        return items.filter(passes).length === 1
      case 'filter':
        return items.filter(passes)
      case 'map':
        return items.filter(passes).map(item => within(step, item))
    }
  }

  /** What decides (`true` for `||`, `false` for `&&`) does so even where others fail; else the first that failed is why. */
  function decided<T>(decisive: boolean, items: readonly T[], evaluateItem: (item: T) => Value): boolean {
    let fault: Fault | undefined
    for (const item of items) {
      try {
        if (truth(evaluateItem(item)) === decisive) return decisive
      } catch (error) {
        fault ??= absorbed(error)
      }
    }
    if (fault !== undefined) throw fault
    return !decisive
  }

  function absorbed(error: unknown): Fault {
    if (!(error instanceof Fault) || error.rule !== 'evaluation') throw error
    run.charge(faultCost)
    error.at ??= run.at
    return error
  }

  /** Of a path, against its value in the state before; what cannot be compared has changed. */
  function changed({args: [path]}: Kind<'call'>, variables: Variables | undefined): boolean {
    const [root] = (path && pathOf(path)) ?? []
    if (path === undefined || root === undefined) throw new Fault('changed() takes a name', 'changed(params.host)')
    if (previous === undefined || !Object.hasOwn(previous, root)) return true
    try {
      return operate('!=', createEvaluator(run, previous, types)(path), evaluate(path, variables), run) === true
    } catch (error) {
      return absorbed(error) !== undefined
    }
  }

  function call({at, fn, target, args}: Kind<'call'>, variables: Variables | undefined): Value {
    const values = (target === undefined ? args : [target, ...args]).map(arg => evaluate(arg, variables))
    run.at = at
    const forms = functions.get(fn)
    if (forms === undefined) throw new Fault(`${fn}() does not exist here`)
    const form = forms.find(form => takes(form, target !== undefined, values))
    if (form === undefined) {
      const withoutNull = values.map(value => (Array.isArray(value) ? value.filter(item => item !== null) : value))
      if (forms.some(form => takes(form, target !== undefined, withoutNull)))
        throw new Fault(`${fn}() takes no null, and the list holds one`, leaveNullOut)
      const [first, ...rest] = values.map(described)
      const given =
        target === undefined ? `${fn}(${[first, ...rest].join(', ')})` : `${first}.${fn}(${rest.join(', ')})`
      throw new Fault(`${given} does not exist`, `it takes: ${forms.map(({text}) => text).join('; ')}`)
    }
    const wanted = wantedBy(form)
    for (const [position, value] of values.entries()) {
      if (typeof value !== 'string') continue
      run.charge(value.length / 16)
      if (wanted[position]?.t === 'string' && hasSecret(value))
        throw new Fault(`${fn} is not possible on a secret: rendering never sees its value`)
    }
    const result = form.run(run, ...(values as never[]))
    if (typeof result === 'string' || result instanceof Uint8Array) run.text(result.length)
    else if (Array.isArray(result)) run.elements(result.length)
    return result
  }
}

function takes(form: Signature, method: boolean, values: Value[]): boolean {
  const wanted = wantedBy(form)
  if ((form.target !== undefined) !== method || wanted.length !== values.length) return false
  return wanted.every((type, position) => isA(values[position] ?? null, type))
}

/** A list with what is in it: why it is not taken. */
function described(value: Value): string {
  const kinds = Array.isArray(value) ? [...new Set(value.map(kindOf))].sort() : []
  return `${kindOf(value)}${kinds.length > 0 ? ` of ${kinds.join(' and ')}` : ''}`
}

function isA(value: Value, type: ExprType): boolean {
  if (type.t === 'dyn') return true
  if (type.t === 'list' && type.of.t !== 'dyn') return Array.isArray(value) && value.every(item => isA(item, type.of))
  return kindOf(value) === (type.t === 'secret' ? 'string' : type.t)
}

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw new Fault(`a condition is ${kindOf(value)}, not bool`)
  return value
}
