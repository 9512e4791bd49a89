import type {FieldError} from '../errors.ts'
import {
  builtinInterfaces,
  type InterfaceSchema,
  type ParamSchema,
  type ResolveContext,
  resolveParameters,
} from '../params/index.ts'
import type {Manifest, RenderScope} from './types.ts'

/** A scope to try a package with, from made-up answers; or which answers could not be made up. */
export type Sample = {scope: RenderScope} | {errors: FieldError[]}

/**
 * Two samples of what users may answer: as little as possible, and something everywhere. Values come from `examples`, then from choices,
 * kinds and types.
 */
export async function sampleScopes(manifest: Manifest): Promise<Sample[]> {
  const {properties, required = []} = manifest.parameters
  const minimal = sampleAnswers(properties, required)
  const full = sampleAnswers(properties, Object.keys(properties))
  return Promise.all([resolveSample(manifest, minimal), resolveSample(manifest, full)])
}

async function resolveSample(manifest: Manifest, answers: Record<string, unknown>): Promise<Sample> {
  const context = sampleContext(manifest)
  const {errors, params, lets} = await resolveParameters(
    {parameters: manifest.parameters, let: manifest.let, rules: manifest.rules},
    answers,
    context,
  )
  if (errors.length > 0) return {errors}
  const scale = Object.fromEntries(
    Object.entries(manifest.components).map(([name, component]) => [name, component.scale?.default ?? 1]),
  )
  const {app, cluster, secretName} = context
  return {scope: {params, lets, app, cluster, scale, secretName}}
}

function sampleContext(manifest: Manifest): ResolveContext {
  const interfaces = builtinInterfaces
  const bindings = Object.entries(manifest.parameters.properties).flatMap(([name, {kind, interface: protocol}]) => {
    const known = kind === 'binding' && typeof protocol === 'string' ? interfaces[protocol] : undefined
    return known === undefined ? [] : [[name, sampleOutputs(known)] as const]
  })
  return {
    app: {name: 'sample-app', namespace: 'sample-ns', revision: 1},
    cluster: {domain: 'example.com', kubernetes: '1.34.0', ingressClass: 'nginx', storageClass: 'standard'},
    images: manifest.images,
    kept: new Set(),
    bindings: Object.fromEntries(bindings),
    interfaces,
    read: {file: async () => 'sample', env: () => 'sample'},
    secretName: 'sample-app-secrets',
  }
}

function sampleOutputs({outputs}: InterfaceSchema) {
  const plain = Object.entries(outputs).filter(([, {secret}]) => !secret)
  return {
    outputs: Object.fromEntries(
      plain.map(([name, {type}]) => [name, type === 'integer' ? 1234 : type === 'boolean' ? true : `sample-${name}`]),
    ),
    secrets: Object.entries(outputs)
      .filter(([, {secret}]) => secret)
      .map(([name]) => name),
  }
}

function sampleAnswers(
  properties: Readonly<Record<string, ParamSchema>>,
  names: readonly string[],
): Record<string, unknown> {
  const answers = names.flatMap(name => {
    const param = properties[name]
    // What has a value without an answer is tried with that.
    if (param === undefined || param.default !== undefined || param.kind === 'secret' || param.kind === 'key') return []
    const value = sampleAnswer(param)
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(answers)
}

const ofKind: Readonly<Record<string, unknown>> = {
  binding: {$app: 'sample-ns/sample-provider'},
  volume: {size: '1Gi'},
  hostname: 'sample.example.com',
  quantity: '1Gi',
  duration: '1h',
  cron: '0 3 * * *',
  storageClass: 'standard',
  node: 'sample-node',
  namespace: 'sample-ns',
  image: 'docker.io/library/sample:1.0',
  file: 'sample',
}

function sampleAnswer(param: ParamSchema): unknown {
  const {kind, type, examples, minimum, properties, required, items} = param
  if (Array.isArray(examples) && examples.length > 0) return examples[0]
  if ('const' in param) return param.const
  if (Array.isArray(param.enum)) return param.enum[0]
  const [first] = Array.isArray(param.oneOf) ? param.oneOf : []
  if (typeof first === 'object' && first !== null && 'const' in first) return first.const
  if (kind !== undefined) return ofKind[kind]
  switch (Array.isArray(type) ? type[0] : type) {
    case 'integer':
    case 'number':
      return typeof minimum === 'number' ? Math.ceil(minimum) : 1
    case 'boolean':
      return true
    case 'array':
      return items === undefined ? [] : [sampleAnswer(items)].filter(item => item !== undefined)
    case 'object':
      return properties === undefined ? {} : sampleAnswers(properties, required ?? [])
    case 'string':
      return 'sample'
    default:
      return undefined
  }
}
