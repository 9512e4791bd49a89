import type {Expression} from '../expr/index.ts'
import {entryOf, nodeAt, parseYamlFile, type YamlEntry, type YamlNode} from '../yaml/index.ts'
import {textOf} from './files.ts'
import {oncePerPackage} from './once.ts'
import type {TemplateDocument, TemplateNode} from './template.ts'
import {TemplateParser} from './template-parser.ts'
import type {Package} from './types.ts'

/** Everything that a package evaluates when it is rendered, parsed; the checker parses with `parser` what only it looks at. */
export interface Program {
  parser: TemplateParser
  documents: TemplateDocument[]
  lets: ReadonlyMap<string, Expression>
  /** `when` of tasks, by their names. */
  conditions: ReadonlyMap<string, Expression>
  /** `publish` of endpoints, `value` of outputs: by their names. */
  publish: ReadonlyMap<string, TemplateNode>
  outputs: ReadonlyMap<string, TemplateNode>
  notes: TemplateNode | undefined
}

/** Parses `package.yaml` and `resources/**.yaml`. What is wrong is in `parser.findings`. */
export const programOf = oncePerPackage((pkg: Package): Program => {
  const {root, files} = pkg
  const parser = new TemplateParser()
  const section = <T>(name: string, parse: (entry: YamlEntry) => T | undefined): ReadonlyMap<string, T> => {
    const node = nodeAt(root, [name])
    const parsed = node?.kind === 'map' ? node.entries.map(entry => [entry.key, parse(entry)] as const) : []
    return new Map(parsed.filter((entry): entry is [string, T] => entry[1] !== undefined))
  }
  const field = (node: YamlNode, key: string) => {
    const entry = entryOf(node, key)
    return entry && parser.node(entry.value)
  }
  const lets = section('let', entry => parser.bare(entry))
  const conditions = section('tasks', ({value}) => parser.bare(entryOf(value, 'when')))
  const publish = section('provides', ({value}) => field(value, 'publish'))
  const outputs = section('outputs', ({value}) => field(value, 'value'))
  const notes = field(root, 'notes')
  const resources = [...files].filter(([file]) => /^resources\/.+/.test(file))
  const documents = resources.flatMap(([file, bytes]) => parseResources(file, bytes, parser))
  return {parser, documents, lets, conditions, publish, outputs, notes}
})

function parseResources(file: string, bytes: Uint8Array, parser: TemplateParser): TemplateDocument[] {
  const start = {file, line: 1, column: 1}
  const text = textOf(bytes)
  if (!/\.ya?ml$/.test(file)) parser.error('resources', start, 'resources/ takes .yaml files only', 'move it to files/')
  else if (text === undefined) parser.error('resources', start, 'the file is no UTF-8 text')
  else {
    const {documents, findings} = parseYamlFile(file, text)
    parser.findings.push(...findings)
    return documents.flatMap(document => parser.document(document) ?? [])
  }
  return []
}
