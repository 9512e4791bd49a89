import {checkExpression, type TypeScope} from '../expr/index.ts'
import {
  builtinInterfaces,
  fromPointer,
  type InterfaceSchema,
  type Interfaces,
  type ParamSchema,
  paramTypes,
  schemaFaults,
} from '../params/index.ts'
import {
  anything,
  choice,
  constant,
  either,
  entryOf,
  type Finding,
  filled,
  finding,
  integer,
  type JsonSchema,
  list,
  nodeAt,
  object,
  parseYamlFile,
  positionOf,
  readYaml,
  record,
  type Schema,
  text,
  truth,
  type YamlNode,
} from '../yaml/index.ts'
import {findingOf} from './errors.ts'
import {textOf} from './files.ts'
import {TemplateParser} from './template-parser.ts'

const identifier = {pattern: '^[A-Za-z_][A-Za-z0-9_]*$', maxLength: 63}

const generate = either(
  object({length: integer(8, 1024)}, {alphabet: text()}),
  object({bytes: integer(8, 1024), encoding: choice('base64', 'base64url', 'hex')}, {prefix: text()}),
  object({uuid: constant(true as const)}, {}),
)

const output = object(
  {},
  {
    type: choice('string', 'integer', 'number', 'boolean', 'array', 'object'),
    description: text(),
    enum: {...list(text(), {minItems: 1}), description: 'texts that it can be'},
    secret: {...truth, description: 'kept in Secrets only, and seen by templates as a place'},
    generate: {...generate, description: 'made by berth for each consumer, and given to the provider on stdin'},
    endpoint: {...choice('host', 'port', 'url'), description: "from the provider's address, without asking its script"},
    value: text({description: 'a CEL expression over the other outputs, without ${}'}),
    optional: truth,
  },
)

const shape = object(
  {outputs: {...record(output, identifier), description: 'what a consumer gets to know'}},
  {
    title: text(),
    description: text(),
    literal: {...truth, description: 'false: only a provider can say the outputs, never a user'},
    stateful: {...truth, description: 'what a consumer puts there is lost to it elsewhere'},
    request: filled(
      {
        ...record(anything as Schema<ParamSchema>, identifier),
        description: 'what a consumer may ask for: a JSON Schema each',
      },
      {},
    ),
  },
)

/** The schema of `interfaces/*.yaml`, published as `schemas/interface.schema.json`. */
export const interfaceSchema: JsonSchema & typeof shape = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://berth.dev/schemas/interface.schema.json',
  title: 'an interface that a berth package adds: its name is that of the file',
  ...shape,
}

/** The interfaces that a package can use: berth's, and those in its `interfaces/*.yaml`. What is wrong goes to `findings`. */
export function readInterfaces(files: ReadonlyMap<string, Uint8Array>, findings: Finding[]): Interfaces {
  const own = [...files].filter(([file]) => file.startsWith('interfaces/'))
  const read = own.flatMap(([file, bytes]) => readInterface(file, bytes, findings) ?? [])
  return {...Object.fromEntries(read.map(known => [known.name, known])), ...builtinInterfaces}
}

function readInterface(file: string, bytes: Uint8Array, findings: Finding[]): InterfaceSchema | undefined {
  const start = {file, line: 1, column: 1}
  const refuse = (message: string, fix?: string) =>
    void findings.push(finding('error', 'interface', start, message, fix))
  const name = /^interfaces\/([a-z]([a-z0-9-]*[a-z0-9])?)\.ya?ml$/.exec(file)?.[1]
  if (name === undefined) return refuse('interfaces/ takes files named like oidc.yaml only')
  if (Object.hasOwn(builtinInterfaces, name)) return refuse(`berth defines ${name} itself`, 'take another name')
  const source = textOf(bytes)
  if (source === undefined) return refuse('the file is no UTF-8 text')
  const {documents, findings: unread} = parseYamlFile(file, source)
  const before = findings.push(...unread.filter(({severity}) => severity === 'error'))
  const [root, second] = documents
  if (root === undefined) return refuse('the file is empty', 'begin with outputs:')
  if (second !== undefined) return refuse('there is a second document', 'one file for each interface')
  const known = {...readYaml(interfaceSchema, root, findings, 'interface'), name} as InterfaceSchema
  if (findings.length === before) findings.push(...checkRequest(known, root), ...checkValues(known, root))
  return known
}

const checkRequest = ({request}: InterfaceSchema, root: YamlNode): Finding[] =>
  schemaFaults({properties: request}).map(({pointer, rule, message}) => {
    const path = ['request', ...fromPointer(pointer).slice(1)]
    return finding('error', `parameter-${rule}`, positionOf(root, path), `${path.join('.')} ${message}`)
  })

/** The expressions of computed outputs, with the types of the others. */
function checkValues(known: InterfaceSchema, root: YamlNode): Finding[] {
  const parser = new TemplateParser()
  const binding = {kind: 'binding', interface: known.name}
  const types = paramTypes({required: ['of'], properties: {of: binding}}, {[known.name]: known})
  const outputs = types.t === 'object' ? types.fields.of : undefined
  const scope: TypeScope = outputs?.t === 'object' ? outputs.fields : {}
  const faults = Object.entries(known.outputs).flatMap(([name, {secret}]) => {
    const expression = parser.bare(entryOf(nodeAt(root, ['outputs', name]), 'value'))
    if (expression === undefined) return []
    const {type, problems} = checkExpression(expression, scope)
    if (problems.length > 0 || type.t !== 'secret' || secret === true) return problems.map(findingOf)
    return [finding('error', 'secret', expression.position, `${name} holds a secret`, 'add secret: true')]
  })
  return [...parser.findings, ...faults]
}
