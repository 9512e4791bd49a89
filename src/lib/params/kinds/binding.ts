import {type ExprType, secretToken} from '../../expr/index.ts'
import {completeOutputs, literalOutputs} from '../outputs.ts'
import {isRecord} from '../pointer.ts'
import type {Fault} from '../schema/fault.ts'
import type {InterfaceSchema, OutputSchema, ParamSchema, ProviderAnswer, ResolveContext, SecretNeed} from '../types.ts'
import type {Interfaces, Kind, KindField, KindResult} from './kind.ts'
import {secretAnswer, secretSource, storedSecret} from './secret.ts'

/** The use of something that another app, or a service outside, provides. */
export const binding: Kind = {
  name: 'binding',
  widget: 'binding',
  // a literal may hold a password
  secret: true,
  schema(param, interfaces) {
    const known = interfaceOf(param, interfaces)
    return {
      'x-berth-expected': 'app:namespace/name, service:name, new:package or {$literal: {…}}',
      anyOf: [
        {
          type: 'object',
          properties: {
            $app: {
              type: 'string',
              pattern: '^([a-z0-9-]+/)?[a-z0-9-]+$',
              examples: ['db/pg'],
              'x-berth-expected': 'the name of an app, or namespace/name',
            },
            endpoint: {type: 'string', minLength: 1},
          },
          required: ['$app'],
          additionalProperties: false,
        },
        only('$service', {type: 'string', minLength: 1}),
        only('$new', {type: 'string', minLength: 1}),
        ...(known === undefined || known.literal === false
          ? []
          : [only('$literal', literalSchema(known, secretAnswer({})))]),
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
    const outputs = interfaceOf(param, interfaces)?.outputs ?? {}
    const url = Object.entries(outputs).find(([, output]) => output.endpoint === 'url')?.[0]
    if (url !== undefined && URL.canParse(text)) return {answer: {$literal: {[url]: text.trim()}}}
    const forms = ['app:namespace/name', 'service:name', 'new:package', ...(url === undefined ? [] : ['an address'])]
    return {problem: `must be ${forms.join(', ')}`}
  },
  print(answer) {
    if (!isRecord(answer)) return ''
    if (typeof answer.$app === 'string') {
      return `app:${answer.$app}${answer.endpoint === undefined ? '' : `#${answer.endpoint}`}`
    }
    if (typeof answer.$service === 'string') return `service:${answer.$service}`
    return typeof answer.$new === 'string' ? `new:${answer.$new}` : 'an address of its own'
  },
  async choices(param, lookup) {
    const providers = await lookup.providers(String(param.interface))
    const several = (ref: string) => providers.filter(provider => provider.ref === ref).length > 1
    const suggested = Array.isArray(param.suggest) ? param.suggest.map(String) : []
    return [
      ...providers.map(({ref, title, endpoint}) => ({
        value: several(ref) ? {$app: ref, endpoint} : {$app: ref},
        title: several(ref) ? `${ref} ${endpoint} (${title})` : `${ref} (${title})`,
      })),
      ...suggested.map(name => ({value: {$new: name}, title: `a new ${name}`})),
    ]
  },
  outright(param, interfaces) {
    const known = interfaceOf(param, interfaces)
    if (known === undefined || known.literal === false) return undefined
    const schema = literalSchema(known, {kind: 'secret', generate: false})
    const said = Object.entries(schema.properties ?? {}).filter(([name]) => known.outputs[name]?.value === undefined)
    return {key: '$literal', schema: {...schema, properties: Object.fromEntries(said)}}
  },
  faults(param, interfaces) {
    if (typeof param.interface !== 'string') return ['a binding needs an interface']
    if (interfaceOf(param, interfaces) !== undefined) return []
    return [`there is no interface ${param.interface}: known are ${Object.keys(interfaces).sort().join(', ')}`]
  },
  resolve: resolveBinding,
}

function interfaceOf(param: ParamSchema, interfaces: Interfaces): InterfaceSchema | undefined {
  const name = String(param.interface)
  return Object.hasOwn(interfaces, name) ? interfaces[name] : undefined
}

function only(key: string, schema: ParamSchema): ParamSchema {
  return {type: 'object', properties: {[key]: schema}, required: [key], additionalProperties: false}
}

/** Outputs as a user says them outright: what is computed or can be derived need not be said. */
function literalSchema({outputs}: InterfaceSchema, secretSchema: ParamSchema): ParamSchema {
  const url = Object.keys(outputs).find(name => outputs[name]?.endpoint === 'url')
  const hostAndPort = Object.keys(outputs).filter(name => outputs[name]?.endpoint !== undefined && name !== url)
  const required = Object.keys(outputs).filter(name => {
    const {optional, value, endpoint} = outputs[name] as OutputSchema
    return optional !== true && value === undefined && (endpoint === undefined || url === undefined)
  })
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(outputs).map(([name, {secret, type}]) => [name, secret ? secretSchema : {type: type ?? 'string'}]),
    ),
    required,
    additionalProperties: false,
    ...(url === undefined
      ? {}
      : {
          'x-berth-expected': `an object with ${url}, or with ${hostAndPort.join(' and ')}`,
          anyOf: [{required: [url]}, {required: hostAndPort}],
        }),
  }
}

function bindingType(known: InterfaceSchema | undefined): ExprType {
  if (known === undefined) return {t: 'dyn'}
  const place: ExprType = {t: 'object', fields: {name: {t: 'string'}, key: {t: 'string'}}}
  const outputs = Object.entries(known.outputs)
  const secrets = outputs.filter(([, {secret}]) => secret === true)
  return {
    t: 'object',
    fields: {
      ...Object.fromEntries(outputs.map(([name, output]) => [name, outputType(output)])),
      ref: {t: 'object', fields: Object.fromEntries(secrets.map(([name]) => [name, place]))},
    },
  }
}

function outputType({type, secret, optional}: OutputSchema): ExprType {
  const plain: Record<string, ExprType> = {
    integer: {t: 'int'},
    number: {t: 'double'},
    boolean: {t: 'bool'},
    array: {t: 'list', of: {t: 'dyn'}},
    object: {t: 'map', of: {t: 'dyn'}},
  }
  const of: ExprType = secret ? {t: 'secret'} : (plain[type ?? 'string'] ?? {t: 'string'})
  return optional ? {t: 'nullable', of} : of
}

async function resolveBinding(field: KindField): Promise<KindResult> {
  const {name, path, param, required, answer, context, interfaces} = field
  if (!isRecord(answer)) {
    return required ? {value: null, faults: [{path, code: 'required', message: 'is required'}]} : {value: null}
  }
  const known = interfaceOf(param, interfaces)
  if (known === undefined) {
    const message = `needs the interface ${param.interface}, which neither berth nor the package defines`
    return {value: null, faults: [{path, code: 'interface', message}]}
  }
  const taken = await takeProvider(answer, known, field)
  return {
    faults: taken.faults,
    stored: {answer: taken.stored},
    value: bindingValue(name, known, taken.outputs, context),
    secrets: taken.secrets,
    bindings: [{parameter: name, interface: known.name, request: requestOf(param), provider: taken.provider}],
  }
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
  if (isRecord(answer.$literal)) return takeLiteral(answer.$literal, known, field)
  const none = {outputs: {}, secrets: [], faults: []}
  if (typeof answer.$service === 'string') return {...none, provider: {$service: answer.$service}, stored: answer}
  const secrets = Object.entries(known.outputs).flatMap(([output, {generate}]): SecretNeed[] => {
    if (generate === undefined) return []
    const secret = `${name}.${output}`
    return [{name: secret, source: context.kept.has(secret) ? {from: 'kept'} : {from: 'generate', spec: generate}}]
  })
  if (typeof answer.$new === 'string') return {...none, secrets, provider: {$new: answer.$new}, stored: answer}
  const ref = String(answer.$app)
  const app = ref.includes('/') ? ref : `${context.app.namespace}/${ref}`
  const provider = typeof answer.endpoint === 'string' ? {$app: app, endpoint: answer.endpoint} : {$app: app}
  return {...none, secrets, provider, stored: provider}
}

async function takeLiteral(given: Record<string, unknown>, known: InterfaceSchema, field: KindField): Promise<Taken> {
  const plain: Record<string, unknown> = {}
  const stored: Record<string, unknown> = {}
  const secrets: SecretNeed[] = []
  const faults: Fault[] = []
  for (const [output, value] of Object.entries(given)) {
    if (known.outputs[output]?.secret !== true) {
      plain[output] = value
      stored[output] = value
      continue
    }
    const at = [...field.path, '$literal', output]
    const source = await secretSource(`${field.name}.${output}`, at, {generate: false}, value, field.context)
    if ('fault' in source) faults.push(source.fault)
    else if (source.need !== undefined) secrets.push(source.need)
    stored[output] = storedSecret(value)
  }
  const outputs = literalOutputs(known, plain)
  return {provider: {$literal: outputs}, stored: {$literal: stored}, outputs, secrets, faults}
}

function bindingValue(
  name: string,
  known: InterfaceSchema,
  said: Record<string, unknown>,
  context: ResolveContext,
): Record<string, unknown> {
  const provisioned = Object.hasOwn(context.bindings, name) ? context.bindings[name] : undefined
  const outputs = completeOutputs(known, {...said, ...provisioned?.outputs})
  const value: Record<string, unknown> = {}
  const ref: Record<string, unknown> = {}
  for (const [output, {secret, optional}] of Object.entries(known.outputs)) {
    if (secret === true && (optional !== true || provisioned?.secrets.includes(output))) {
      value[output] = secretToken(`${name}.${output}`)
      ref[output] = {name: context.secretName, key: `${name}.${output}`}
    } else {
      const unknown = optional === true ? null : `<${name}.${output}: known after provisioning>`
      value[output] = outputs[output] ?? unknown
    }
  }
  return {...value, ref}
}

function requestOf(param: ParamSchema): Record<string, unknown> {
  return isRecord(param.request) ? param.request : {}
}
