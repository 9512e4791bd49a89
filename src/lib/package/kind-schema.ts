import {checkExpression, type ExprType} from '../expr/index.ts'
import {
  type CustomKind,
  type CustomKinds,
  choiceSources,
  expandKinds,
  fromPointer,
  kindNames,
  type ParamSchema,
  paramTypes,
  schemaFaults,
  shapeFaults,
} from '../params/index.ts'
import {
  anything,
  choice,
  type Finding,
  finding,
  type JsonSchema,
  nodeAt,
  object,
  parseYamlFile,
  positionOf,
  readYaml,
  type Schema,
  text,
  type YamlNode,
} from '../yaml/index.ts'
import {findingOf, parameterFindings} from './errors.ts'
import {textOf} from './files.ts'
import {TemplateParser} from './template-parser.ts'

const cel = (over: string) => text({description: `a CEL expression over \`${over}\`, without \${}`})

const shape = object(
  {},
  {
    title: text(),
    description: text(),
    extends: text({description: "a kind, berth's or another one of the package; plain JSON Schema without it"}),
    schema: {
      ...(anything as Schema<ParamSchema>),
      description: 'JSON Schema, and words of the kind that is extended; parameters can narrow it, and not widen it',
    },
    check: {...cel('value'), description: 'CEL over `value` that must be true of an answer'},
    message: text({description: 'what to say where it is not'}),
    choices: {
      ...object({from: choice(...choiceSources)}, {where: cel('item')}),
      description:
        'the answer is the name of one of these; `item` has name, labels, annotations and the object’s fields',
    },
  },
)

/** The schema of `kinds/*.yaml`, published as `schemas/kind.schema.json`. */
export const kindSchema: JsonSchema & typeof shape = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://berth.dev/schemas/kind.schema.json',
  title: 'a kind of parameter that a berth package adds: its name is that of the file',
  ...shape,
}

/** The kinds of parameters that a package adds in its `kinds/*.yaml`. What is wrong goes to `findings`. */
export function readKinds(files: ReadonlyMap<string, Uint8Array>, findings: Finding[]): CustomKinds {
  const own = [...files].filter(([file]) => file.startsWith('kinds/'))
  const read = own.flatMap(([file, bytes]) => readKind(file, bytes, findings) ?? [])
  const kinds = Object.fromEntries(read.map(({name, kind}) => [name, kind]))
  // what extends another one is looked at with all of them
  if (findings.length === 0) for (const {name, root} of read) findings.push(...checkKind(name, kinds, root))
  return kinds
}

function readKind(file: string, bytes: Uint8Array, findings: Finding[]) {
  const start = {file, line: 1, column: 1}
  const refuse = (message: string, fix?: string) => void findings.push(finding('error', 'kind', start, message, fix))
  const name = /^kinds\/([a-z][A-Za-z0-9]*)\.ya?ml$/.exec(file)?.[1]
  if (name === undefined) return refuse('kinds/ takes files named like workerNode.yaml only')
  if (kindNames.includes(name)) return refuse(`berth defines ${name} itself`, 'take another name')
  const source = textOf(bytes)
  if (source === undefined) return refuse('the file is no UTF-8 text')
  const {documents, findings: unread} = parseYamlFile(file, source)
  findings.push(...unread.filter(({severity}) => severity === 'error'))
  const [root, second] = documents
  if (root === undefined) return refuse('the file is empty', 'begin with extends: or schema:')
  if (second !== undefined) return refuse('there is a second document', 'one file for each kind')
  const kind = readYaml(kindSchema, root, findings, 'kind') as CustomKind | undefined
  findings.push(...parameterFindings(shapeFaults(kind?.schema ?? {}), root, ['schema']))
  return kind && {name, root, kind}
}

/** What a parameter of the kind would be told by, and the types of its expressions. */
function checkKind(name: string, kinds: CustomKinds, root: YamlNode): Finding[] {
  const expanded = expandKinds<ParamSchema>({kind: name}, kinds)
  const properties = {value: expanded}
  const faults = schemaFaults({properties}).map(({pointer, message}) => {
    const [, , ...path] = fromPointer(pointer)
    const at = path[0] === 'kind' ? ['extends'] : ['schema', ...path]
    return finding('error', 'kind', positionOf(root, at), `${name} ${message}`)
  })
  if (faults.length > 0) return faults
  const types = paramTypes({required: ['value'], properties})
  const value: ExprType = types.t === 'object' ? (types.fields.value ?? {t: 'dyn'}) : {t: 'dyn'}
  return [
    ...checkCondition(root, ['check'], {value}),
    ...checkCondition(root, ['choices', 'where'], {item: {t: 'dyn'}}),
    ...(['secret', 'key', 'binding', 'file'].includes(String(expanded.kind)) && expanded.checks !== undefined
      ? [finding('error', 'kind', positionOf(root, ['check']), `no expression may look at a ${expanded.kind}`)]
      : []),
  ]
}

function checkCondition(root: YamlNode, path: string[], scope: Record<string, ExprType>): Finding[] {
  const parser = new TemplateParser()
  const within = nodeAt(root, path.slice(0, -1))
  const entry = within?.kind === 'map' ? within.entries.find(({key}) => key === path.at(-1)) : undefined
  const expression = entry && parser.bare(entry)
  if (expression === undefined) return parser.findings
  const {type, problems} = checkExpression(expression, scope)
  if (problems.length > 0 || type.t === 'bool' || type.t === 'dyn')
    return [...parser.findings, ...problems.map(findingOf)]
  return [finding('error', 'kind', expression.position, `${path.join('.')} is no condition: it must be true or false`)]
}
