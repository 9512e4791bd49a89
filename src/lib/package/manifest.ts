import {finding, invalidPackage} from './errors.ts'
import {checkReferences} from './manifest-references.ts'
import {manifestSchema} from './manifest-schema.ts'
import {checkStructure} from './structure.ts'
import {plainValue} from './tree.ts'
import type {Component, Endpoint, Finding, Manifest} from './types.ts'
import {parseYamlFile, type YamlNode} from './yaml.ts'

/** A manifest and the tree it came from, which knows where everything stands. */
export interface ParsedManifest {
  manifest: Manifest
  root: YamlNode
  /** Warnings: YAML traps. */
  warnings: Finding[]
}

export const manifestFile = 'package.yaml'

/**
 * Parses `package.yaml`, checks it against {@link manifestSchema} and fills what was left out.
 * @throws UserError `package.invalid` with every fault
 */
export function parseManifest(text: string, file: string = manifestFile): ParsedManifest {
  const {documents, findings} = parseYamlFile(file, text)
  const errors = findings.filter(({severity}) => severity === 'error')
  const [root, second] = documents
  const start = {file, line: 1, column: 1}
  if (errors.length > 0) throw invalidPackage(errors)
  if (root === undefined)
    throw invalidPackage([
      finding('error', 'manifest', start, 'the file is empty', 'begin with apiVersion: berth.dev/v1'),
    ])
  if (second !== undefined)
    throw invalidPackage([
      finding('error', 'manifest', second.position, 'a second document', 'objects belong into resources/'),
    ])
  const value = plainValue(root)
  const faults = checkStructure(manifestSchema, root, value)
  if (faults.length > 0) throw invalidPackage([...faults, ...findings])
  const manifest = fillDefaults(value as Partial<Manifest>)
  const broken = checkReferences(manifest, root)
  if (broken.length > 0) throw invalidPackage([...broken, ...findings])
  return {manifest, root, warnings: findings}
}

/** What authors may leave out. The structure has been checked. */
function fillDefaults(written: Partial<Manifest>): Manifest {
  const checked = written as Manifest
  return {
    ...checked,
    images: written.images ?? {},
    parameters: {...written.parameters, properties: written.parameters?.properties ?? {}},
    let: written.let ?? {},
    rules: written.rules ?? [],
    components: mapValues(written.components ?? {}, (component: Partial<Component>) => ({
      ...component,
      after: component.after ?? [],
    })),
    provides: mapValues(written.provides ?? {}, (endpoint: Endpoint) => ({
      ...endpoint,
      allow: endpoint.allow ?? {namespaces: 'all'},
    })),
    tasks: written.tasks ?? {},
    outputs: written.outputs ?? {},
    needs: written.needs ?? [],
  }
}

function mapValues<From, To>(record: Record<string, From>, change: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
