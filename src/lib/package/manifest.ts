import {type Finding, finding, parseYamlFile, readYaml, type YamlNode} from '../yaml/index.ts'
import {invalidPackage} from './errors.ts'
import {checkReferences} from './manifest-references.ts'
import {type Manifest, manifestSchema} from './manifest-schema.ts'

/** A manifest and the tree it came from, which knows where everything stands. */
export interface ParsedManifest {
  manifest: Manifest
  root: YamlNode
  /** YAML traps. */
  warnings: Finding[]
}

export const manifestFile = 'package.yaml'
export const manifestStart = {file: manifestFile, line: 1, column: 1}

/**
 * Parses `package.yaml`, checks it against {@link manifestSchema} and fills what was left out.
 * @throws UserError `package.invalid` with every fault
 */
export function parseManifest(text: string): ParsedManifest {
  const {documents, findings} = parseYamlFile(manifestFile, text)
  const [root, second] = documents
  const errors = findings.filter(({severity}) => severity === 'error')
  if (errors.length > 0) throw invalidPackage(errors)
  if (root === undefined)
    throw invalidPackage([
      finding('error', 'manifest', manifestStart, 'the file is empty', 'begin with apiVersion: berth.dev/v1'),
    ])
  if (second !== undefined)
    throw invalidPackage([
      finding('error', 'manifest', second.position, 'a second document', 'objects belong into resources/'),
    ])
  const faults: Finding[] = []
  const manifest = readYaml(manifestSchema, root, faults)
  // Names are looked up only where all of them are there.
  if (faults.length === 0) faults.push(...checkReferences(manifest, root))
  if (faults.length > 0) throw invalidPackage([...faults, ...findings])
  return {manifest, root, warnings: findings}
}
