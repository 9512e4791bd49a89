import {nearest} from '../nearest.ts'
import {type Checker, type Known, sourceOf} from './checker.ts'
import {functions} from './functions.ts'
import {keyOf} from './narrow.ts'
import {asMap, dyn, fits, holdsSecretType, joinAll, typeName} from './relations.ts'
import {type Signature, wantedBy} from './signatures.ts'
import {childrenOf, type Kind, macros, pathOf} from './tree.ts'
import type {ExprType} from './types.ts'

/** The type of a call, its arguments checked on the way. */
export function checkCall(checker: Checker, node: Kind<'call'>, known: Known): ExprType {
  if (node.fn === 'changed') return checkChanged(checker, node, known)
  const target = node.target && checker.present(node.target, known)
  const forms = functions.get(node.fn)
  const nullable = forms?.some(({args}) => args[0]?.t === 'dyn')
  const args = node.args.map(arg => (nullable ? checker.typeOf(arg, known) : checker.present(arg, known)))
  if (forms === undefined) return unknownFunction(checker, node)
  const form = forms.find(form => takes(form, target, args))
  if (form !== undefined) {
    const given = target === undefined ? args : [target, ...args]
    refuseNulls(checker, node, form, given)
    return resultOf(form, given)
  }
  wrongArguments(checker, node, forms, target, args)
  return forms[0]?.result ?? dyn
}

/** `changed(params.host)`: a path, whose value is compared with the one before. */
function checkChanged(checker: Checker, node: Kind<'call'>, known: Known): ExprType {
  const [path, ...others] = node.args
  if (!checker.changed) checker.report(node, 'unknown-function', 'changed() exists in the conditions of tasks only')
  else if (node.target !== undefined || others.length > 0 || path === undefined || pathOf(path) === undefined)
    checker.mismatch(node, 'changed() takes a name, no calculation', 'changed(params.host)')
  else if (holdsSecretType(checker.typeOf(path, known))) checker.refuseSecret(node, 'comparing it')
  return {t: 'bool'}
}

function takes(form: Signature, target: ExprType | undefined, args: ExprType[]): boolean {
  if ((form.target === undefined) !== (target === undefined) || form.args.length !== args.length) return false
  if (form.target !== undefined && target !== undefined && !fits(target, form.target)) return false
  return form.args.every((wanted, position) => fits(args[position] ?? dyn, wanted))
}

/** Lists that must not hold null: those of texts, and what is sorted, be it by a field. */
function refuseNulls(checker: Checker, node: Kind<'call'>, form: Signature, given: ExprType[]): void {
  const sorts = node.fn === 'sort'
  const by = sorts && node.args[1]?.k === 'const' ? String(node.args[1].value) : undefined
  for (const [position, list] of childrenOf(node).entries()) {
    const [type, wanted] = [given[position], wantedBy(form)[position]]
    if (type?.t !== 'list' || wanted?.t !== 'list' || (wanted.of.t === 'dyn' && !sorts)) continue
    const element = by === undefined || type.of.t !== 'object' ? type.of : (type.of.fields[by] ?? dyn)
    if (element.t !== 'nullable' && element.t !== 'null') continue
    const step = list.k === 'macro' && list.step !== undefined && keyOf(list.step) ? list.step : undefined
    const mapped = step && list.k === 'macro' && `map(${list.variable}, ${sourceOf(step)} != null, ${sourceOf(step)})`
    const fix = mapped ?? `filter(x, x${by === undefined ? '' : `.${by}`} != null)`
    checker.report(list, 'unguarded-null', `${node.fn}() takes no null, and may get one`, `leave it out: xs.${fix}`)
  }
}

/** Where it depends on the arguments: `text` in a signature is a secret only where a secret is given. */
function resultOf({name, result}: Signature, args: ExprType[]): ExprType {
  const [first = dyn] = args
  if (name === 'sort' || name === 'distinct' || name === 'dyn') return first
  if (name === 'merge')
    return args.every(({t}) => t === 'object')
      ? mergedObjects(args)
      : {t: 'map', of: joinAll(args.map(arg => asMap(arg)?.of ?? dyn))}
  if (result.t !== 'secret' || args.some(holdsSecretType)) return result
  return {t: args.some(({t}) => t === 'dyn') && !name.startsWith('to') ? 'dyn' : 'string'}
}

function mergedObjects(args: ExprType[]): ExprType {
  const fields: Record<string, ExprType> = {}
  for (const [key, type] of args.flatMap(arg => (arg.t === 'object' ? Object.entries(arg.fields) : []))) {
    const before = fields[key]
    if (before?.t === 'object' && type.t === 'object') fields[key] = mergedObjects([before, type])
    else fields[key] = before !== undefined && asMap(before) !== undefined ? dyn : type
  }
  return {t: 'object', fields}
}

function unknownFunction(checker: Checker, node: Kind<'call'>): ExprType {
  const {fn} = node
  const how = fn === 'has' ? 'has(params.x)' : macros.some(macro => macro === fn) ? `xs.${fn}(x, …)` : undefined
  if (how !== undefined) return checker.report(node, 'unknown-function', `${fn}() is not written so`, how)
  const guess = nearest(fn, [...functions.keys(), ...macros, 'has'])
  const fix = guess === undefined ? undefined : `did you mean ${guess}()?`
  return checker.report(node, 'unknown-function', `there is no function ${fn}()`, fix)
}

function wrongArguments(
  checker: Checker,
  node: Kind<'call'>,
  forms: readonly Signature[],
  target: ExprType | undefined,
  args: ExprType[],
): void {
  const {fn} = node
  const secret = [...args, target ?? dyn].some(holdsSecretType)
  if (secret && forms.some(form => takes(form, target && plainText(target), args.map(plainText)))) {
    checker.refuseSecret(node, `${fn}()`)
    return
  }
  const sameForm = forms.some(form => (form.target === undefined) === (target === undefined))
  const otherForm = target === undefined ? `x.${fn}(…)` : `${fn}(x)`
  const given = `${target === undefined ? '' : `${typeName(target)}.`}${fn}(${args.map(typeName).join(', ')})`
  const fix = sameForm ? `it takes: ${forms.map(({text}) => text).join('; ')}` : otherForm
  checker.mismatch(node, `${given} does not exist`, fix)
}

/** The same type were its secrets ordinary strings. */
function plainText(type: ExprType): ExprType {
  if (type.t === 'secret') return {t: 'string'}
  return type.t === 'list' || type.t === 'map' ? {...type, of: plainText(type.of)} : type
}
