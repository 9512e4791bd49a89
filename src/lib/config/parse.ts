import {dirname, isAbsolute, resolve} from 'node:path'
import {type Document, isNode, isSeq, LineCounter, parseDocument, type YAMLSeq} from 'yaml'
import {configInvalid} from './errors.ts'
import {clusterFields, type Fault, fields, isRepositoryName} from './fields.ts'
import type {ClusterSettings, LocalConfig, Repository} from './types.ts'

/** The file's document, with its comments, for changing it. */
export function parseForChange(text: string, file: string): Document {
  return parse(text, file).document
}

/** The document's list under this key; undefined where there is none yet. */
export function listIn(document: Document, key: string): YAMLSeq | undefined {
  const list = document.get(key)
  return isSeq(list) ? list : undefined
}

/** @throws UserError `config.invalid` */
export function parseConfig(text: string, file: string): LocalConfig {
  const {document, position} = parse(text, file)
  const fault: Fault = (path, message, hint) => {
    throw configInvalid(file, message, position(path), hint)
  }
  const content = fields(
    document.toJS({maxAliasCount: 100}),
    [],
    ['apiVersion', 'kind', 'repositories', 'defaults', 'clusters'],
    fault,
  )
  if (content.apiVersion !== undefined && content.apiVersion !== 'berth.dev/v1')
    fault(['apiVersion'], 'apiVersion must be berth.dev/v1')
  if (content.kind !== undefined && content.kind !== 'Config') fault(['kind'], 'kind must be Config')
  const clusters = fields(content.clusters, ['clusters'], 'any', fault)
  return {
    repositories: repositories(content.repositories, dirname(file), fault),
    defaults: clusterFields(content.defaults, ['defaults'], fault),
    clusters: Object.fromEntries(
      Object.entries(clusters).map(([context, said]) => [context, clusterFields(said, ['clusters', context], fault)]),
    ),
  }
}

/** What a cluster's ConfigMap says; `name` is what errors call it. @throws UserError `config.invalid` */
export function parseClusterSettings(text: string, name: string): Partial<ClusterSettings> {
  const {document, position} = parse(text, name)
  const fault: Fault = (path, message, hint) => {
    throw configInvalid(name, message, position(path), hint)
  }
  return clusterFields(document.toJS({maxAliasCount: 100}), [], fault, 'passed-over')
}

function repositories(value: unknown, folder: string, fault: Fault): Repository[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return fault(['repositories'], 'repositories must be a list')
  const seen = new Set<string>()
  return value.map((item: unknown, i) => {
    const path = ['repositories', i]
    const {name, location} = fields(item, path, ['name', 'location'], fault)
    if (typeof name !== 'string' || !isRepositoryName(name))
      return fault([...path, 'name'], 'a repository wants a name of lower-case letters, digits and dashes')
    if (seen.has(name)) return fault([...path, 'name'], `there are two repositories of the name ${name}`)
    seen.add(name)
    if (typeof location !== 'string' || location === '')
      return fault([...path, 'location'], `the repository ${name} wants a location`)
    return {
      name,
      location: isAbsolute(location) || /^[a-z0-9]+:\/\//.test(location) ? location : resolve(folder, location),
    }
  })
}

function parse(
  text: string,
  file: string,
): {document: Document; position(path: (string | number)[]): {line: number; column: number} | undefined} {
  const lines = new LineCounter()
  const document = parseDocument(text, {lineCounter: lines, uniqueKeys: true})
  const at = (offset: number) => {
    const {line, col} = lines.linePos(offset)
    return {line, column: col}
  }
  const [error] = document.errors
  if (error) throw configInvalid(file, error.message.split('\n', 1)[0] ?? error.message, at(error.pos[0]))
  return {
    document,
    position(path) {
      for (let depth = path.length; depth > 0; depth--) {
        const node = document.getIn(path.slice(0, depth), true)
        if (isNode(node) && node.range) return at(node.range[0])
      }
      return undefined
    },
  }
}
