import type {AppRef} from '../anchor/index.ts'
import {UserError} from '../errors.ts'
import {type AnswersFile, answersOf} from '../params/index.ts'
import {
  anything,
  constant,
  type Finding,
  filled,
  finding,
  type JsonSchema,
  list,
  nodeAt,
  object,
  parseYamlFile,
  positionOf,
  readYaml,
  type Schema,
  type TypeOf,
  text,
  truth,
  type YamlNode,
} from '../yaml/index.ts'

const name = {pattern: '^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$', description: 'lower-case letters, digits and dashes'}
const namespace = text({pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', description: 'the name of a namespace'})

const app = object(
  {name: text(name), package: text({description: 'as `app install` takes it; ./folders start from this file'})},
  {
    namespace,
    answers: filled({...anything, description: 'all of them: what is not here has its default'}, {}),
    allow: filled(list(text(), {description: 'what may reach beyond the namespace, as --allow'}), []),
    createNamespace: filled(truth, false),
  },
)

const appSet = object(
  {
    apiVersion: constant('berth.dev/v1'),
    kind: constant('AppSet'),
    name: text({...name, description: 'of the set: --prune removes what a set of this name had, and has no more'}),
    apps: list(app),
  },
  {namespace: {...namespace, description: 'of apps that say none'}},
)

/** The schema of the file that `berth apply` reads, published as `schemas/app-set.schema.json`. */
export const appSetSchema: JsonSchema & Schema<TypeOf<typeof appSet>> = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://berth.dev/schemas/app-set.schema.json',
  title: 'a set of apps, for berth apply',
  ...appSet,
}

/** An app as its set declares it. */
export interface Declared {
  ref: AppRef
  /** As it is written, to be looked up. */
  package: string
  answers: AnswersFile
  allow: string[]
  createNamespace: boolean
  /** `/apps/0/answers`: what stands before its fields in errors. */
  pointer: string
  /** Of the app in its file, for what is wrong in none of its lines: something that is missing. */
  line: number
  column: number
}

export interface AppSet {
  name: string
  apps: Declared[]
}

/**
 * Reads a set of apps.
 * @param file what messages call it
 * @param fallback the namespace of apps where the file says none
 * @throws UserError `set.invalid` with every fault, each at its line
 */
export function readAppSet(source: string, file: string, fallback: string): AppSet {
  const {documents, findings} = parseYamlFile(file, source)
  const errors = findings.filter(({severity}) => severity === 'error')
  if (errors.length > 0) throw invalidSet(file, errors)
  const root: YamlNode = documents[0] ?? {kind: 'map', entries: [], position: {file, line: 1, column: 1}}
  const faults: Finding[] = []
  if (documents[1] !== undefined) faults.push(finding('error', 'set', documents[1].position, 'a second document'))
  const set = readYaml(appSetSchema, root, faults, 'set')
  if (faults.length > 0) throw invalidSet(file, faults)
  const apps = set.apps.map(({name, namespace = set.namespace ?? fallback, answers: _answers, ...rest}, index) => {
    const node = nodeAt(root, ['apps', index, 'answers'])
    const answers = (node && answersOf(node)) ?? {answers: {}, positions: new Map()}
    const {line, column} = positionOf(root, ['apps', index, 'name'])
    return {...rest, ref: {namespace, name}, answers, pointer: `/apps/${index}/answers`, line, column}
  })
  const twice = apps.flatMap(({ref}, index) => {
    const first = apps.findIndex(other => other.ref.name === ref.name && other.ref.namespace === ref.namespace)
    const at = positionOf(root, ['apps', index, 'name'])
    return first < index ? [finding('error', 'set', at, `${ref.namespace}/${ref.name} is declared twice`)] : []
  })
  if (twice.length > 0) throw invalidSet(file, twice)
  return {name: set.name, apps}
}

const invalidSet = (file: string, findings: Finding[]) =>
  new UserError('set.invalid', {
    message: `${file} has ${findings.length === 1 ? 'one fault' : `${findings.length} faults`}`,
    details: findings,
  })
