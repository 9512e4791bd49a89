import {ExpressionError, type Position} from '../expr/index.ts'
import {nearest} from '../nearest.ts'
import {schemaFaults} from '../params/index.ts'
import {checkTemplates} from './check-templates.ts'
import {finding, findingOf} from './errors.ts'
import {lintObjects} from './lint-objects.ts'
import {textOf} from './load.ts'
import {manifestFile, parseManifest} from './manifest.ts'
import {findReaches, podReaches} from './needs.ts'
import {readPaths} from './references.ts'
import {renderPackage} from './render.ts'
import {sampleScopes} from './sample.ts'
import {positionOf} from './tree.ts'
import type {Finding, Package, RenderedObject, RenderScope, Script} from './types.ts'
import type {YamlNode} from './yaml.ts'

/**
 * Everything that can be said of a package without a cluster: its expressions, its parameters, what it would render to with made-up
 * answers, and habits that have hurt others. In the order of files and lines, errors and warnings mixed. Never throws for a faulty
 * package (one whose manifest cannot be read does not get here: loading it throws `package.invalid`).
 */
export async function lintPackage(pkg: Package): Promise<Finding[]> {
  const {root} = parseManifest(textOf(pkg.files.get(manifestFile) ?? new Uint8Array()) ?? '')
  const checked = checkTemplates(pkg)
  const findings = [...checked, ...lintParameters(pkg, root), ...lintUnused(pkg, root), ...lintFiles(pkg, root)]
  // Rendering what the checker refused would only say it again, worse.
  if (!checked.some(({severity}) => severity === 'error')) findings.push(...(await lintSamples(pkg, root)))
  return distinct(findings).sort(byPosition)
}

function lintParameters({manifest}: Package, root: YamlNode): Finding[] {
  return schemaFaults(manifest.parameters).map(({pointer, rule, message}) => {
    const path = pointer.split('/').slice(1).map(unescapePointer)
    return finding(
      'error',
      `parameter-${rule}`,
      positionOf(root, ['parameters', ...path]),
      `${path.filter(step => step !== 'properties').join('.')} ${message}`,
    )
  })
}

function lintUnused(pkg: Package, root: YamlNode): Finding[] {
  const {manifest} = pkg
  const read = readPaths(pkg)
  const shown = new Set(Object.values(manifest.outputs).map(({secret}) => secret))
  const mentioned = JSON.stringify(manifest.backup ?? {})
  const unused = (kind: string, names: string[], prefix: string, path: string[], isUsed = (_: string) => false) =>
    names
      .filter(name => !read.has(prefix + name) && !isUsed(name))
      .map(name =>
        finding(
          'warning',
          `unused-${kind}`,
          positionOf(root, [...path, name]),
          `the ${kind} ${name} is read by nothing`,
          'remove it, or use it',
        ),
      )
  const wholeParams = read.has('params') && ![...read].some(path => path.startsWith('params.'))
  return [
    ...(wholeParams
      ? []
      : unused(
          'parameter',
          Object.keys(manifest.parameters.properties),
          'params.',
          ['parameters', 'properties'],
          name => shown.has(name) || mentioned.includes(`"${name}"`),
        )),
    ...unused('let', Object.keys(manifest.let), '', ['let']),
    ...unused('image', Object.keys(manifest.images), 'images.', ['images']),
  ]
}

function lintFiles({manifest, files}: Package, root: YamlNode): Finding[] {
  const findings: Finding[] = []
  const start: Position = {file: manifestFile, line: 1, column: 1}
  if (!files.has('README.md'))
    findings.push(
      finding('warning', 'readme', start, 'there is no README.md', 'write what it is, what it needs, how to update it'),
    )
  for (const [name, {grant}] of Object.entries(manifest.provides)) {
    for (const [action, script] of Object.entries(grant ?? {})) {
      if (action === 'run' || files.has((script as Script).file)) continue
      const {file} = script as Script
      const guess = nearest(file, [...files.keys()])
      findings.push(
        finding(
          'error',
          'missing-file',
          positionOf(root, ['provides', name, 'grant', action, 'file']),
          `${file} is not in the package`,
          guess === undefined ? 'add it' : `did you mean ${guess}?`,
        ),
      )
    }
  }
  return findings
}

async function lintSamples(pkg: Package, root: YamlNode): Promise<Finding[]> {
  const findings: Finding[] = []
  const needed = new Set<string>()
  for (const sample of await sampleScopes(pkg.manifest)) {
    if ('errors' in sample) {
      for (const {field, message} of sample.errors) {
        const [name = ''] = field.split('/').slice(1).map(unescapePointer)
        findings.push(
          finding(
            'warning',
            'sample',
            positionOf(root, ['parameters', 'properties', name]),
            `no answer could be made up for ${field}, so the templates were not tried with it: ${message}`,
            'add examples: [...] to the parameter',
          ),
        )
      }
      continue
    }
    const objects = renderSample(pkg, sample.scope, findings)
    findings.push(...lintObjects(pkg, objects, sample.scope))
    for (const {what} of findReaches(objects)) needed.add(what)
  }
  for (const [index, {what}] of pkg.manifest.needs.entries()) {
    const known = podReaches.includes(what) || /^[A-Z]/.test(what)
    if (!known)
      findings.push(
        finding(
          'error',
          'needs',
          positionOf(root, ['needs', index]),
          `${what} is nothing that can be needed`,
          `a kind such as ClusterRole, or ${podReaches.join(', ')}`,
        ),
      )
    else if (!needed.has(what))
      findings.push(
        finding(
          'warning',
          'needs',
          positionOf(root, ['needs', index]),
          `${what} is asked for, and no object seems to need it`,
          'remove it: people must agree to it',
        ),
      )
  }
  return findings
}

function renderSample(pkg: Package, scope: RenderScope, findings: Finding[]): RenderedObject[] {
  try {
    return renderPackage(pkg, scope)
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    findings.push(findingOf(error.problem))
    return []
  }
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

function distinct(findings: Finding[]): Finding[] {
  return [...new Map(findings.map(entry => [JSON.stringify(entry), entry])).values()]
}

function byPosition(a: Finding, b: Finding): number {
  if (a.position.file !== b.position.file) return a.position.file < b.position.file ? -1 : 1
  return a.position.line - b.position.line || a.position.column - b.position.column
}
