import {dirname, isAbsolute, resolve} from 'node:path'
import {
  constant,
  either,
  type Finding,
  filled,
  finding,
  list,
  nothing,
  object,
  parseYamlFile,
  positionOf,
  readYaml,
  record,
  type Schema,
  text,
  type YamlNode,
} from '../yaml/index.ts'
import {configInvalid} from './errors.ts'
import {repositoryName} from './names.ts'
import type {ClusterSettings, LocalConfig} from './types.ts'

const DNS_NAME = '^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$'
const className = either(text({pattern: DNS_NAME, description: 'the name of a class'}), nothing)

/** Of a cluster, in the operator's file or in the cluster's ConfigMap. Absent fields stay absent; `null` for a class says: none. */
const clusterSettings: Schema<Partial<ClusterSettings>> = object(
  {},
  {
    domain: text({pattern: DNS_NAME, description: 'a DNS name, like apps.example.com'}),
    ingressClass: className,
    storageClass: className,
  },
)

const repository = object(
  {name: text({pattern: repositoryName, description: 'lower-case letters, digits and dashes'}), location: text()},
  {},
)

const config: Schema<LocalConfig> = object(
  {},
  {
    apiVersion: constant('berth.dev/v1'),
    kind: constant('Config'),
    repositories: filled(list(repository), []),
    defaults: filled(clusterSettings, {}),
    clusters: filled(record(clusterSettings), {}),
  },
)

/** @throws UserError `config.invalid` */
export function parseConfig(text: string, file: string): LocalConfig {
  const {root, value} = parse(config, text, file)
  const {repositories, defaults, clusters} = value
  const names = repositories.map(({name}) => name)
  const twice = names.findIndex((name, index) => names.indexOf(name) < index)
  if (twice >= 0) {
    const message = `there are two repositories of the name ${names[twice]}`
    throw faulty(file, finding('error', 'config', positionOf(root, ['repositories', twice, 'name']), message))
  }
  const absolute = (location: string) =>
    isAbsolute(location) || /^[a-z0-9]+:\/\//.test(location) ? location : resolve(dirname(file), location)
  return {
    repositories: repositories.map(({name, location}) => ({name, location: absolute(location)})),
    defaults,
    clusters,
  }
}

/** What a cluster's ConfigMap says; `name` is what errors call it. @throws UserError `config.invalid` */
export function parseClusterSettings(text: string, name: string): Partial<ClusterSettings> {
  // A newer berth may have written it: what is not known is passed over, not refused.
  const {additionalProperties: _, ...open} = clusterSettings
  const {domain, ingressClass, storageClass} = parse(open as typeof clusterSettings, text, name).value
  return {
    ...(domain === undefined ? {} : {domain}),
    ...(ingressClass === undefined ? {} : {ingressClass}),
    ...(storageClass === undefined ? {} : {storageClass}),
  }
}

function parse<T>(schema: Schema<T>, text: string, file: string): {root: YamlNode; value: T} {
  const {documents, findings} = parseYamlFile(file, text)
  const broken = findings.find(({severity}) => severity === 'error')
  if (broken !== undefined) throw faulty(file, broken)
  const root: YamlNode = documents[0] ?? {kind: 'map', entries: [], position: {file, line: 1, column: 1}}
  if (documents[1] !== undefined)
    throw faulty(file, finding('error', 'config', documents[1].position, 'a second document'))
  const faults: Finding[] = []
  const value = readYaml(schema, root, faults, 'config')
  if (faults[0] !== undefined) throw faulty(file, faults[0])
  return {root, value}
}

function faulty(file: string, {position: {line, column}, message, fix}: Finding) {
  return configInvalid(file, message, {line, column}, fix)
}
