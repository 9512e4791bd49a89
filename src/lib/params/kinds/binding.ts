import {type ExprType, secretToken} from '../../expr/index.ts'
import {isRecord} from '../json.ts'
import {completeOutputs, literalOutputs, outputAt} from '../outputs.ts'
import type {Fault} from '../schema/fault.ts'
import type {
  InterfaceSchema,
  Interfaces,
  NewProvider,
  OutputSchema,
  ParametersSchema,
  ParamSchema,
  ProviderAnswer,
  ResolveContext,
  SecretNeed,
} from '../types.ts'
import type {Kind, KindField} from './kind.ts'
import {exactly, placeType, storedSecret, textSource} from './secret-answer.ts'

const appName = {
  pattern: '^([a-z0-9-]+/)?[a-z0-9-]+$',
  examples: ['db/pg'],
  'x-berth-expected': 'the name of an app, or namespace/name',
}

const packageName = {
  pattern: '^([a-z0-9-]+/)?[a-z0-9-]+(@.+)?$',
  examples: ['postgres'],
  'x-berth-expected': 'a package of a repository: name, name@version or repository/name',
}

/** The use of something that another app, or a service outside, provides. */
export const binding: Kind = {
  name: 'binding',
  widget: 'binding',
  words: ['interface', 'request', 'suggest'],
  example: {$app: 'sample-ns/sample-provider'},
  // a literal may hold a password
  secret: true,
  named: true,
  schema(param, interfaces) {
    const known = saidOutright(param, interfaces)
    const app = exactly({$app: {type: 'string', ...appName}})
    const made = exactly({$new: {type: 'string', ...packageName}})
    const pattern = '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'
    const word = {type: 'string', pattern, 'x-berth-expected': 'a name: small letters, digits and dashes'}
    return {
      'x-berth-expected': 'app:namespace/name, service:name, new:package or {$literal: {…}}',
      anyOf: [
        {...app, properties: {...app.properties, endpoint: {type: 'string', minLength: 1}}},
        exactly({$service: {type: 'string', minLength: 1}}),
        {...made, properties: {...made.properties, name: word, namespace: word, answers: {type: 'object'}}},
        ...(known === undefined ? [] : [exactly({$literal: literalSchema(known)})]),
      ],
    }
  },
  type: (param, interfaces) => bindingType(interfaceOf(param, interfaces)),
  parse(text, param, interfaces) {
    const [, scheme, rest = ''] = /^(app|service|new):(.*)$/s.exec(text.trim()) ?? []
    if (scheme === 'app') {
      const [app, endpoint] = rest.split('#')
      return {answer: {$app: app, ...(endpoint === undefined ? {} : {endpoint})}}
    }
    if (scheme !== undefined) return {answer: {[`$${scheme}`]: rest}}
    const url = outputAt('url', interfaceOf(param, interfaces))
    if (url !== undefined && URL.canParse(text)) return {answer: {$literal: {[url]: text.trim()}}}
    const forms = ['app:namespace/name', 'service:name', 'new:package', ...(url === undefined ? [] : ['an address'])]
    return {problem: `must be ${forms.join(', ')}`}
  },
  print(answer) {
    const {$app, endpoint, $service, $new} = isRecord(answer) ? answer : {}
    if (typeof $app === 'string') return `app:${$app}${endpoint === undefined ? '' : `#${endpoint}`}`
    if (typeof $service === 'string') return `service:${$service}`
    return typeof $new === 'string' ? `new:${$new}` : 'an address of its own'
  },
  async choices(param, lookup, field) {
    const known = String(param.interface)
    const [providers, services, ...installable] = await Promise.all([
      lookup.providers(known),
      lookup.services(known),
      ...suggestedBy(param).map(async $new => {
        const found = await lookup.installable($new, field, known)
        return found === undefined ? [] : [{...found, value: {$new}}]
      }),
    ])
    return [
      ...providers.map(({ref, title, endpoint}) => {
        const several = providers.filter(provider => provider.ref === ref).length > 1
        return several
          ? {value: {$app: ref, endpoint}, title: `${ref} ${endpoint} (${title})`}
          : {value: {$app: ref}, title: `${ref} (${title})`}
      }),
      ...services.map($service => ({value: {$service}, title: `service ${$service}`})),
      ...installable.flat(),
    ]
  },
  missing(param) {
    const news = suggestedBy(param).map(name => `new:${name}`)
    return `: app:NAMESPACE/NAME names a provider${news.length > 0 ? `, ${news.join(' or ')} installs one` : ''}`
  },
  outright(param, interfaces) {
    const known = saidOutright(param, interfaces)
    return known && {key: '$literal', schema: outputParameters(known)}
  },
  faults(param, interfaces) {
    if (typeof param.interface !== 'string') return ['a binding needs an interface']
    if (interfaceOf(param, interfaces) !== undefined) return []
    return [`there is no interface ${param.interface}: known are ${Object.keys(interfaces).sort().join(', ')}`]
  },
  async resolve(field) {
    const {name, path, param, answer, context, interfaces} = field
    if (!isRecord(answer)) return {value: null}
    const known = interfaceOf(param, interfaces)
    if (known === undefined) {
      const message = `needs the interface ${param.interface}, which neither berth nor the package defines`
      return {value: null, faults: [{path, code: 'interface', message}]}
    }
    const {provider, stored, outputs, secrets, faults} = await takeProvider(answer, known, field)
    const request = isRecord(param.request) ? param.request : {}
    return {
      faults,
      stored: {answer: stored},
      value: bindingValue(name, known, outputs, context),
      secrets,
      bindings: faults.length > 0 ? [] : [{parameter: name, interface: known.name, request, provider}],
    }
  },
}

const suggestedBy = ({suggest}: ParamSchema): string[] => (Array.isArray(suggest) ? suggest.map(String) : [])

function interfaceOf(param: ParamSchema, interfaces: Interfaces): InterfaceSchema | undefined {
  const name = String(param.interface)
  return Object.hasOwn(interfaces, name) ? interfaces[name] : undefined
}

function saidOutright(param: ParamSchema, interfaces: Interfaces): InterfaceSchema | undefined {
  const known = interfaceOf(param, interfaces)
  return known?.literal === false ? undefined : known
}

/** A password said outright: never generated, as it is the provider's. */
const secretPart: ParamSchema = {kind: 'secret', generate: false}

/** Outputs as a user says them outright: what is computed or can be derived need not be said. */
function literalSchema(known: InterfaceSchema): ParamSchema {
  const outputs = Object.entries(known.outputs)
  const url = outputAt('url', known)
  const address = outputs.filter(([name, {endpoint}]) => endpoint !== undefined && name !== url).map(([name]) => name)
  const required = outputs.filter(
    ([, {optional, value, endpoint}]) =>
      optional !== true && value === undefined && (endpoint === undefined || url === undefined),
  )
  return {
    type: 'object',
    properties: Object.fromEntries(
      outputs.map(([name, {secret, type = 'string', enum: texts}]) => [
        name,
        secret ? secretPart : {type, ...(texts && {enum: texts})},
      ]),
    ),
    required: required.map(([name]) => name),
    additionalProperties: false,
    ...(url === undefined
      ? {}
      : {
          'x-berth-expected': `an object with ${url}, or with ${address.join(' and ')}`,
          anyOf: [{required: [url]}, {required: address}],
        }),
  }
}

/** What a provider says of itself, as parameters: the outputs of its interface, less those that are computed of others. */
export function outputParameters(known: InterfaceSchema): ParamSchema & ParametersSchema {
  const {properties = {}, ...schema} = literalSchema(known)
  const said = Object.entries(properties).filter(([name]) => known.outputs[name]?.value === undefined)
  return {...schema, properties: Object.fromEntries(said)}
}

function bindingType(known: InterfaceSchema | undefined): ExprType {
  if (known === undefined) return {t: 'dyn'}
  const outputs = Object.entries(known.outputs)
  const secrets = outputs.filter(([, {secret}]) => secret === true)
  const ref: ExprType = {t: 'object', fields: Object.fromEntries(secrets.map(([name]) => [name, placeType]))}
  return {t: 'object', fields: {...Object.fromEntries(outputs.map(([name, one]) => [name, outputType(one)])), ref}}
}

const outputTypes: Record<string, ExprType> = {
  integer: {t: 'int'},
  number: {t: 'double'},
  boolean: {t: 'bool'},
  array: {t: 'list', of: {t: 'dyn'}},
  object: {t: 'map', of: {t: 'dyn'}},
}

function outputType({type = 'string', secret, optional}: OutputSchema): ExprType {
  const of: ExprType = secret ? {t: 'secret'} : (outputTypes[type] ?? {t: 'string'})
  return optional ? {t: 'nullable', of} : of
}

interface Taken {
  provider: ProviderAnswer
  stored: unknown
  /** What is known without asking anybody. */
  outputs: Record<string, unknown>
  secrets: SecretNeed[]
  faults: Fault[]
}

async function takeProvider(answer: Record<string, unknown>, known: InterfaceSchema, field: KindField): Promise<Taken> {
  const {name, context} = field
  const {$literal, $service, $app, endpoint} = answer
  if (isRecord($literal)) return takeLiteral($literal, known, field)
  const none = {outputs: {}, secrets: [], faults: []}
  const secrets = Object.entries(known.outputs).flatMap(([output, {generate}]): SecretNeed[] => {
    if (generate === undefined) return []
    const secret = `${name}.${output}`
    return [{name: secret, source: context.kept.has(secret) ? {from: 'kept'} : {from: 'generate', spec: generate}}]
  })
  if (typeof $service === 'string') return {...takeService($service, known, field, secrets), stored: answer}
  if (isNew(answer)) {
    // its own answers may hold secrets: they are kept by the app that they make
    const {answers: _given, ...stored} = answer
    return {...none, secrets, provider: answer, stored}
  }
  const ref = String($app)
  const app = ref.includes('/') ? ref : `${context.app.namespace}/${ref}`
  const provider = typeof endpoint === 'string' ? {$app: app, endpoint} : {$app: app}
  return {...none, secrets, provider, stored: provider}
}

const isNew = (answer: object): answer is NewProvider => '$new' in answer

/**
 * A service says its outputs as a literal does; what is secret of them stands in a Secret. One that makes something for each app is a
 * provider like an app. Without a cluster, it is only a name.
 * @param own what is generated for a use of such a one
 */
function takeService(
  name: string,
  known: InterfaceSchema,
  {name: parameter, path, context}: KindField,
  own: SecretNeed[],
): Omit<Taken, 'stored'> {
  const none = {provider: {$service: name}, outputs: {}, secrets: [], faults: []}
  if (context.shared === undefined) return none
  const {services} = context.shared
  const found = Object.hasOwn(services, name) ? services[name] : undefined
  const refuse = (message: string) => ({...none, faults: [{path, code: 'reference', message}]})
  if (found === undefined) return refuse(`there is no service ${name}: berth service list shows those there are`)
  if ('problem' in found) return refuse(found.problem)
  if (found.interface !== known.name) return refuse(`the service ${name} is ${found.interface}, not ${known.name}`)
  const {namespace, secret, grants} = found
  if (grants) return {...none, provider: {$app: `${namespace}/service.${name}`}, secrets: own}
  const outputs = literalOutputs(known, found.outputs)
  const secrets = found.secrets.map(
    (key): SecretNeed => ({name: `${parameter}.${key}`, source: {from: 'secretKey', namespace, secret, key}}),
  )
  return {provider: {$service: name, namespace, $literal: outputs}, outputs, secrets, faults: []}
}

/** What is said outright: secret parts go into the revision's Secret, the rest is the provider. */
async function takeLiteral(given: Record<string, unknown>, known: InterfaceSchema, field: KindField): Promise<Taken> {
  const plain: Record<string, unknown> = {}
  const stored: Record<string, unknown> = {}
  const secrets: SecretNeed[] = []
  const faults: Fault[] = []
  for (const [output, value] of Object.entries(given)) {
    const isSecret = known.outputs[output]?.secret === true
    stored[output] = isSecret ? storedSecret(value) : value
    if (!isSecret) plain[output] = value
    else {
      const at = [...field.path, '$literal', output]
      const name = `${field.name}.${output}`
      const found = await textSource({name, path: at, param: secretPart, answer: value, context: field.context})
      faults.push(...found.faults)
      if (found.source !== undefined) secrets.push({name, source: found.source})
    }
  }
  const outputs = literalOutputs(known, plain)
  return {provider: {$literal: outputs}, stored: {$literal: stored}, outputs, secrets, faults}
}

/** What templates see: values where they are known, a place and a token for each secret, and words for what is known later. */
function bindingValue(
  name: string,
  known: InterfaceSchema,
  said: Record<string, unknown>,
  {bindings, secretName}: ResolveContext,
): Record<string, unknown> {
  const provisioned = Object.hasOwn(bindings, name) ? bindings[name] : undefined
  const outputs = completeOutputs(known, {...said, ...provisioned?.outputs})
  const value: Record<string, unknown> = {}
  const ref: Record<string, unknown> = {}
  for (const [output, {secret, optional}] of Object.entries(known.outputs)) {
    if (secret === true && (optional !== true || provisioned?.secrets.includes(output))) {
      value[output] = secretToken(`${name}.${output}`)
      ref[output] = {name: secretName, key: `${name}.${output}`}
    } else {
      const unknown = optional === true ? null : `<${name}.${output}: known after provisioning>`
      value[output] = outputs[output] ?? unknown
    }
  }
  return {...value, ref}
}
