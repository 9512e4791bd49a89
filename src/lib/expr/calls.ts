import {nearest} from '../nearest.ts'
import type {Checker} from './checker.ts'
import {type Facts, factsOf, union} from './narrow.ts'
import {type Call, operators} from './operators.ts'
import {pathOf} from './parse.ts'
import {asMap, dyn, fits, holdsSecretType, join, joinAll, typeName} from './relations.ts'
import {type Signature, signatures} from './signatures.ts'
import type {Node} from './tree.ts'
import type {ExprType, TypeScope} from './types.ts'

/** The type of an operator or a call, its arguments checked on the way. */
export function checkCall(checker: Checker, node: Call, scope: TypeScope, facts: Facts): ExprType {
  const [first, second, third] = node.args
  if (node.target === undefined && first !== undefined && second !== undefined) {
    switch (node.fn) {
      case '_&&_':
      case '_||_':
        condition(checker, first, scope, facts)
        condition(checker, second, scope, union(facts, factsOf(first, node.fn === '_&&_')))
        return {t: 'bool'}
      case '_?_:_':
        condition(checker, first, scope, facts)
        return join(
          checker.typeOf(second, scope, union(facts, factsOf(first, true))),
          third === undefined ? dyn : checker.typeOf(third, scope, union(facts, factsOf(first, false))),
        )
    }
  }
  const operator = operators[node.fn]
  if (operator !== undefined)
    return operator(
      checker,
      node,
      node.args.map(arg => checker.typeOf(arg, scope, facts)),
    )
  return checkFunction(checker, node, scope, facts)
}

function condition(checker: Checker, node: Node, scope: TypeScope, facts: Facts): void {
  const type = checker.present(node, checker.typeOf(node, scope, facts))
  if (!fits(type, {t: 'bool'})) {
    checker.report(
      'type-mismatch',
      node.at,
      `a condition is ${typeName(type)}, not bool`,
      conditionFix(checker.source(node), type),
    )
  }
}

function conditionFix(text: string, type: ExprType): string {
  if (type.t === 'string') return `${text} != ""`
  return type.t === 'list' || asMap(type) !== undefined ? `${text}.size() > 0` : `${text} != 0`
}

function checkFunction(checker: Checker, node: Call, scope: TypeScope, facts: Facts): ExprType {
  const quote =
    node.target?.k === 'name' &&
    node.target.name === 'strings' &&
    node.fn === 'quote' &&
    !Object.hasOwn(scope, 'strings')
  if (node.fn === 'changed') return changedCall(checker, node, scope, facts)
  const name = quote ? 'strings.quote' : node.fn
  const targetNode = quote ? undefined : node.target
  const target =
    targetNode === undefined ? undefined : checker.present(targetNode, checker.typeOf(targetNode, scope, facts))
  const data = name === 'toJson' || name === 'toYaml' || name === 'toIni' || name === 'toToml' || name === 'dyn'
  const args = node.args.map(arg => {
    const type = checker.typeOf(arg, scope, facts)
    return data ? type : checker.present(arg, type)
  })
  const candidates = signatures().get(name)
  if (candidates === undefined) {
    unknownFunction(checker, node, name)
    return dyn
  }
  const chosen = candidates.find(signature => matches(signature, target, args))
  if (chosen !== undefined) return resultOf(name, chosen, target === undefined ? args : [target, ...args])
  wrongArguments(checker, node, candidates, target, args)
  return candidates[0]?.result ?? dyn
}

/** `changed(params.host)`: a path, whose value is compared with the one before. */
function changedCall(checker: Checker, node: Call, scope: TypeScope, facts: Facts): ExprType {
  const [path] = node.args
  if (!checker.changed) checker.report('unknown-function', node.at, 'changed() exists in the conditions of tasks only')
  else if (node.target !== undefined || node.args.length !== 1 || path === undefined || pathOf(path) === undefined) {
    checker.report('type-mismatch', node.at, 'changed() takes a name, no calculation', 'changed(params.host)')
  } else if (holdsSecretType(checker.typeOf(path, scope, facts))) checker.refuseSecret(node, 'comparing it')
  return {t: 'bool'}
}

function matches(signature: Signature, target: ExprType | undefined, args: ExprType[]): boolean {
  if ((signature.target === undefined) !== (target === undefined) || signature.args.length !== args.length) return false
  if (signature.target !== undefined && target !== undefined && !fits(target, signature.target)) return false
  return signature.args.every((wanted, position) => fits(args[position] ?? dyn, wanted))
}

function resultOf(name: string, {result}: Signature, args: ExprType[]): ExprType {
  const [first = dyn] = args
  switch (name) {
    case 'merge':
      return args.every(({t}) => t === 'object')
        ? mergeObjects(args)
        : {t: 'map', of: joinAll(args.map(arg => asMap(arg)?.of ?? dyn))}
    case 'sort':
    case 'distinct':
    case 'dyn':
      return first
  }
  // `text` in the table: a secret in, a secret out.
  return result.t === 'secret' && !args.some(holdsSecretType)
    ? {t: args.some(({t}) => t === 'dyn') && !name.startsWith('to') ? 'dyn' : 'string'}
    : result
}

function mergeObjects(args: ExprType[]): ExprType {
  const fields: Record<string, ExprType> = {}
  for (const arg of args) {
    if (arg.t !== 'object') continue
    for (const [key, type] of Object.entries(arg.fields)) {
      const before = fields[key]
      fields[key] =
        before?.t === 'object' && type.t === 'object'
          ? mergeObjects([before, type])
          : asMap(before ?? type) !== undefined && before !== undefined
            ? dyn
            : type
    }
  }
  return {t: 'object', fields}
}

function unknownFunction(checker: Checker, node: Call, name: string): void {
  const guess = nearest(name, [...signatures().keys(), 'all', 'exists', 'exists_one', 'map', 'filter', 'has'])
  const macro = ['all', 'exists', 'exists_one', 'map', 'filter'].includes(name)
  const fix = macro
    ? `xs.${name}(x, …)`
    : name === 'has'
      ? 'has() takes a field: has(params.x)'
      : guess === undefined
        ? undefined
        : `did you mean ${guess}()?`
  checker.report(
    'unknown-function',
    node.at,
    macro || name === 'has' ? `${name}() is not written so` : `there is no function ${name}()`,
    fix,
  )
}

function wrongArguments(
  checker: Checker,
  node: Call,
  candidates: readonly Signature[],
  target: ExprType | undefined,
  args: ExprType[],
): void {
  const all = target === undefined ? args : [target, ...args]
  if (
    all.some(holdsSecretType) &&
    candidates.some(signature => matches(signature, target && plainText(target), args.map(plainText)))
  ) {
    checker.refuseSecret(node, `${node.fn}()`)
    return
  }
  const sameForm = candidates.some(signature => (signature.target === undefined) === (target === undefined))
  const fix = sameForm
    ? `it takes: ${candidates.map(({text}) => text).join('; ')}`
    : target === undefined
      ? `x.${node.fn}(…)`
      : `${node.fn}(x)`
  const given = `${target === undefined ? '' : `${typeName(target)}.`}${node.fn}(${args.map(typeName).join(', ')})`
  checker.report('type-mismatch', node.at, `${given} does not exist`, fix)
}

/** The same type were its secrets ordinary strings. */
function plainText(type: ExprType): ExprType {
  if (type.t === 'secret') return {t: 'string'}
  return type.t === 'list' || type.t === 'map' ? {...type, of: plainText(type.of)} : type
}
