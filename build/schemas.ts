import {join} from 'node:path'
import {createGenerator, type Schema, type SchemaGenerator} from 'ts-json-schema-generator'
import {root} from './manifest.ts'

/** Kinds that no command has: every command may end in them. */
const OF_THE_BASE = ['Help', 'Version']

/**
 * A JSON Schema of each document that berth prints, by file name. The type of a `resultKind` is the exported type of that name below
 * src/view. Schemas are open (fields may be added within an apiVersion); the tests close them, so that no field goes undeclared.
 */
export function resultSchemas(kinds: string[]): Map<string, string> {
  const generator = typesIn('src/{view/**/*,cli/document}.ts')
  const results = [...new Set([...kinds, ...OF_THE_BASE])]
    .sort()
    .map(kind => [kind, resultSchema(kind, generator.createSchema(kind))] as const)
  const error = {...generator.createSchema('ErrorDocument'), $id: idOf('Error')}
  return new Map(
    [...results, ['Error', error] as const].map(([kind, schema]) => [`${kind}.schema.json`, textOf(schema)]),
  )
}

function resultSchema(kind: string, generated: Schema): Schema {
  const {$schema, definitions, ...result} = withNames(generated)
  return {
    ...($schema === undefined ? {} : {$schema}),
    $id: idOf(kind),
    type: 'object',
    properties: {
      apiVersion: {const: 'berth.dev/v1'},
      kind: {const: kind},
      status: {const: 'ok'},
      result,
      warnings: {type: 'array', items: {type: 'string'}},
    },
    required: ['apiVersion', 'kind', 'status', 'result', 'warnings'],
    ...(definitions && Object.keys(definitions).length > 0 ? {definitions} : {}),
  }
}

/** Types that hold themselves stand apart, under a name that tells where they are in the source: `node1` stays when that moves. */
function withNames(schema: Schema): Schema {
  let text = JSON.stringify(schema)
  for (const [i, name] of Object.keys(schema.definitions ?? {}).entries()) text = text.replaceAll(name, `node${i + 1}`)
  return JSON.parse(text)
}

function typesIn(path: string): SchemaGenerator {
  return createGenerator({
    path: join(root, path),
    tsconfig: join(root, 'tsconfig.json'),
    skipTypeCheck: true, // `make types` does that, with the TypeScript we write for; this brings its own.
    topRef: false,
    expose: 'none',
    jsDoc: 'extended',
    additionalProperties: true,
  })
}

const idOf = (kind: string) => `https://berth.dev/schemas/v1/${kind}.schema.json`

export const textOf = (schema: unknown) => `${JSON.stringify(schema, null, 2)}\n`
