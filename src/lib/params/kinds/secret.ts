import {type ExprType, secretToken} from '../../expr/index.ts'
import {type Derivation, derivations, type GenerateSpec, generateProblem} from '../../keys/index.ts'
import {isRecord} from '../json.ts'
import type {ParamSchema, SecretNeed} from '../types.ts'
import type {Kind, KindField, KindResult} from './kind.ts'
import {packageFault, placeType, secretAnswer, secretText, storedSecret, textSource} from './secret-answer.ts'

/**
 * Passwords and the like: generated once unless `generate: false`, given, or the hash of another one (`derive`). A given one is replaced
 * by `{$kept: true}` in what is stored, so that a lost Secret is noticed instead of being filled with something generated.
 */
export const secret: Kind = {
  name: 'secret',
  widget: 'password',
  words: ['generate', 'derive', 'rotate'],
  secret: true,
  named: true,
  schema: param => (isDerived(param) ? {} : secretAnswer(secretText(param))),
  type: (): ExprType => ({t: 'object', fields: {ref: placeType, value: {t: 'secret'}}}),
  print: answer => (isRecord(answer) && !('$kept' in answer) ? JSON.stringify(answer) : '(hidden)'),
  fills: param => param.generate !== false,
  derived: isDerived,
  input: ({derive}) => {
    const {of, user} = readDerive(derive)
    return of === undefined
      ? undefined
      : {of: `\${params.${of}}`, user: user === undefined ? null : `\${params.${user}}`}
  },
  faults: ({derive, generate}) => {
    const problem = generate === false ? undefined : generatorProblem(generate)
    const misderived = derive === undefined || readDerive(derive).of !== undefined ? [] : [deriveWords]
    return [...misderived, ...(problem === undefined ? [] : [`generate ${problem}`])]
  },
  async resolve(field) {
    const {name, path, param, answer, context} = field
    if (isDerived(param)) return resolveDerived(field)
    const {source, faults} = await textSource(field)
    const problem = source === undefined && param.generate !== false ? generatorProblem(param.generate) : undefined
    if (problem !== undefined) return {value: null, faults: [packageFault(path, 'generate', `generate ${problem}`)]}
    const made = param.generate === false ? undefined : ({from: 'generate', spec: specOf(param.generate)} as const)
    const found = faults.length > 0 ? undefined : (source ?? made)
    if (found === undefined) return {value: null, faults}
    return {...held(name, found, context.secretName), stored: {answer: storedSecret(answer)}}
  },
}

function held(name: string, source: SecretNeed['source'], secretName: string): KindResult {
  return {value: {ref: {name: secretName, key: name}, value: secretToken(name)}, secrets: [{name, source}]}
}

/** How it is made; when nothing says it, of 24 letters and digits, about 142 bits. */
function specOf(generate: unknown): GenerateSpec {
  const said = isRecord(generate) ? generate : {}
  return {...('uuid' in said || 'bytes' in said ? {} : {length: 24}), ...said} as GenerateSpec
}

function generatorProblem(generate: unknown): string | undefined {
  return generate === undefined || isRecord(generate) ? generateProblem({...specOf(generate)}) : 'must be an object'
}

function isDerived({derive}: ParamSchema): boolean {
  return derive !== undefined
}

const deriveWords = `derive must be one of ${derivations.join(', ')} with the name of a secret; htpasswd has user, too, the name of a parameter`

/** `{bcrypt: password}`: names of parameters. Nothing, where it says something else. */
function readDerive(derive: unknown): {derivation: Derivation; of?: string; user?: string} {
  const nothing = {derivation: derivations[0]}
  if (!isRecord(derive)) return nothing
  const {user, ...rest} = derive
  const [[derivation = '', of] = [], another] = Object.entries(rest)
  const known = derivations.find(one => one === derivation)
  const names = [of, ...(known === 'htpasswd' ? [user] : [])]
  const wrong = known === undefined || another !== undefined || (known !== 'htpasswd' && user !== undefined)
  if (wrong || names.some(name => typeof name !== 'string' || !/^\w+(\.\w+)*$/.test(name))) return nothing
  return {derivation: known, of: String(of), ...(user === undefined ? {} : {user: String(user)})}
}

/** The hash of another secret, made where that is known; none where that is null. */
function resolveDerived({name, path, param, answer, input, context}: KindField): KindResult {
  const {derivation, of} = readDerive(param.derive)
  if (of === undefined) return {value: null, faults: [packageFault(path, 'derive', deriveWords)]}
  if (answer !== undefined) {
    return {value: null, faults: [{path, code: 'derive', message: 'is made of another secret: it takes no answer'}]}
  }
  const {of: source, user} = isRecord(input) ? input : {}
  if (source === null || (derivation === 'htpasswd' && user === null)) return {value: null}
  // out of sight nothing was worked out: what there is stays
  if (input === undefined)
    return context.kept.has(name) ? held(name, {from: 'kept'}, context.secretName) : {value: null}
  const asUser = typeof user === 'string' ? {user} : {}
  return held(name, {from: 'hash', of, derivation, ...asUser}, context.secretName)
}
