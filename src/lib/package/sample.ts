import type {FieldError} from '../errors.ts'
import {
  type BindingValue,
  exampleOf,
  exampleOfFormat,
  type InterfaceSchema,
  type ParamSchema,
  type ResolveContext,
  resolveParameters,
} from '../params/index.ts'
import {providedScope} from './endpoints.ts'
import {defaultScale} from './scope.ts'
import type {Package, RenderScope} from './types.ts'

/** A scope to try a package with, from made-up answers; or which answers could not be made up. */
export type Sample = {scope: RenderScope} | {errors: FieldError[]}

/**
 * Two samples of what users may answer: as little as possible, and something everywhere. Values come from `examples`, then from choices,
 * kinds and types.
 */
export async function sampleScopes(pkg: Package): Promise<Sample[]> {
  const {properties, required = []} = pkg.manifest.parameters
  return Promise.all([required, Object.keys(properties)].map(names => sampleScope(pkg, names)))
}

/** Outputs of a provider that nobody has asked: of the right type, and recognisable. */
export function standIn({outputs}: InterfaceSchema, textOf: (output: string) => string): BindingValue {
  const plain = Object.entries(outputs).filter(([, {secret}]) => !secret)
  const values = plain.map(([name, {type}]) => [name, type === 'integer' ? 1 : type === 'boolean' || textOf(name)])
  return {
    outputs: Object.fromEntries(values),
    secrets: Object.keys(outputs).filter(name => outputs[name]?.secret),
  }
}

async function sampleScope(pkg: Package, answered: readonly string[]): Promise<Sample> {
  const {manifest, interfaces} = pkg
  const {parameters, images, let: lets, rules} = manifest
  const bindings = Object.entries(parameters.properties).flatMap(([name, param]) => {
    const known = param.kind === 'binding' ? interfaces[String(param.interface)] : undefined
    return known === undefined ? [] : [[name, standIn(known, output => `sample-${output}`)] as const]
  })
  const app = {name: 'sample-app', namespace: 'sample-ns', revision: 1}
  const cluster = {domain: 'example.com', kubernetes: '1.34.0', ingressClass: 'nginx', storageClass: 'standard'}
  const context: ResolveContext = {
    app,
    cluster,
    images,
    kept: new Set(),
    bindings: Object.fromEntries(bindings),
    interfaces,
    provides: providedScope(pkg, {app, cluster}),
    read: {file: async () => 'sample', env: () => 'sample'},
    secretName: 'sample-app-secrets',
  }
  const answers = sampleAnswers(parameters.properties, answered)
  const resolution = await resolveParameters({parameters, let: lets, rules}, answers, context)
  if (resolution.errors.length > 0) return {errors: resolution.errors}
  const {secretName} = context
  const {params} = resolution
  return {scope: {params, lets: resolution.lets, app, cluster, scale: defaultScale(manifest), secretName}}
}

function sampleAnswers(properties: Record<string, ParamSchema>, names: readonly string[]): Record<string, unknown> {
  const answers = names.flatMap(name => {
    const param = properties[name]
    // What has a value without an answer is tried with that.
    if (param === undefined || param.default !== undefined || param.kind === 'secret' || param.kind === 'key') return []
    const value = sampleAnswer(param)
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(answers)
}

function sampleAnswer(param: ParamSchema): unknown {
  const {kind, type, format, examples, minimum, properties, required, items} = param
  if (Array.isArray(examples) && examples.length > 0) return examples[0]
  if (Object.hasOwn(param, 'const')) return param.const
  if (Array.isArray(param.enum)) return param.enum[0]
  const [first] = Array.isArray(param.oneOf) ? param.oneOf : []
  if (typeof first === 'object' && first !== null && 'const' in first) return first.const
  if (kind !== undefined) return exampleOf(kind)
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
      return exampleOfFormat(format) ?? 'sample'
    default:
      return undefined
  }
}
