import {ExpressionError, isTemplate, referencesIn} from '../expr/index.ts'
import {didYouMean} from '../nearest.ts'
import {fromPointer, readByKinds, schemaFaults, secretFields} from '../params/index.ts'
import {type Finding, finding, positionOf} from '../yaml/index.ts'
import {checkTemplates} from './check.ts'
import {findingOf, inOrder, parameterFindings} from './errors.ts'
import {lintConditions} from './lint-conditions.ts'
import {lintObjects} from './lint-objects.ts'
import {lintShell} from './lint-shell.ts'
import {locateField} from './locate.ts'
import {manifestStart} from './manifest.ts'
import {findReaches, podReaches} from './needs.ts'
import {describeObject} from './objects.ts'
import {programOf} from './program.ts'
import {renderPackage} from './render.ts'
import {sampleScopes} from './sample.ts'
import type {ManifestObject, Package, RenderedObject, RenderScope} from './types.ts'

/**
 * Everything that can be said of a package without a cluster: its expressions, its parameters, what it would render to with made-up
 * answers, and habits that have hurt others. In the order of files and lines, errors and warnings mixed. Never throws for a faulty
 * package (one whose manifest cannot be read does not get here: loading it throws `package.invalid`).
 */
export async function lintPackage(pkg: Package, checkObject: CheckObject = () => []): Promise<Finding[]> {
  const checked = checkTemplates(pkg)
  const parameters = parameterFindings(schemaFaults(pkg.manifest.parameters, pkg.interfaces), pkg.root, ['parameters'])
  const findings = [
    ...checked,
    ...parameters,
    ...lintOutside(pkg),
    ...lintPublished(pkg),
    ...lintRotations(pkg),
    ...lintFiles(pkg),
  ]
  // What the checker refused may read anything, and rendering it would only say it again, worse.
  if (!checked.some(({severity}) => severity === 'error'))
    findings.push(
      ...lintUnused(pkg),
      ...lintConditions(pkg),
      ...lintShell(pkg),
      ...(await lintSamples(pkg, checkObject)),
    )
  return inOrder(findings)
}

/** What is wrong with a rendered object, by who knows its kind; `path` leads to the field. */
export type CheckObject = (object: ManifestObject) => ObjectFault[]

export interface ObjectFault {
  path: readonly string[]
  rule: string
  message: string
  fix?: string
}

/** What the manifest declares and no expression reads. To be asked after the checker, which has parsed all of them. */
function lintUnused(pkg: Package): Finding[] {
  const {manifest, root} = pkg
  const references = programOf(pkg).parser.expressions.flatMap(referencesIn)
  const byKinds = readByKinds(manifest.parameters, pkg.interfaces).map(path => ['params', ...path])
  const read = new Set([...references, ...byKinds].flatMap(prefixes))
  const {parameters, images, outputs, backup = {}} = manifest
  const {documents} = programOf(pkg)
  const parts = documents.filter(document => document.kind === 'part')
  const members = new Set(documents.map(document => (document.kind === 'object' ? document.component : undefined)))
  const shown = Object.values(outputs).map(({secret}) => secret)
  const elsewhere = (name: string) => shown.includes(name) || JSON.stringify(backup).includes(`"${name}"`)
  // `toJson(params)` reads them all.
  const whole = references.some(([root, ...path]) => root === 'params' && path.length === 0)
  const unused = (kind: string, path: string[], names: object, isRead: (name: string) => boolean) =>
    Object.keys(names)
      .filter(name => !isRead(name))
      .map(name => {
        const message = `the ${kind} ${name} is read by nothing`
        return finding('warning', `unused-${kind}`, positionOf(root, [...path, name]), message, 'remove it, or use it')
      })
  return [
    ...unused(
      'parameter',
      ['parameters', 'properties'],
      parameters.properties,
      name => whole || read.has(`params.${name}`) || elsewhere(name),
    ),
    ...unused('let', ['let'], manifest.let, name => read.has(name)),
    ...unused('image', ['images'], images, name => read.has(`images.${name}`)),
    ...unused('component', ['components'], manifest.components, name => members.has(name)),
    ...parts
      .filter(({name}) => !read.has(`parts.${name}`))
      .map(({name, position}) =>
        finding('warning', 'unused-part', position, `the part ${name} is read by nothing`, 'remove it, or use it'),
      ),
  ]
}

/** `params`, `params.smtp`, `params.smtp.host`. */
function prefixes(path: readonly string[]): string[] {
  return path.map((_, index) => path.slice(0, index + 1).join('.'))
}

/** What a pod for a service outside is told has to be something that can be said of one. */
function lintOutside({manifest, interfaces, root}: Package): Finding[] {
  return Object.entries(manifest.provides).flatMap(([name, {interface: kind, grant}]) => {
    const known = Object.keys(interfaces[kind]?.outputs ?? {})
    return (['env', 'files'] as const).flatMap(part =>
      Object.entries(grant?.run.outside?.[part] ?? {}).flatMap(([variable, output]) => {
        if (known.includes(output)) return []
        const path = ['provides', name, 'grant', 'run', 'outside', part, variable]
        const message = `${path.join('.')} names the output ${output}, which ${kind} does not have`
        const fix = didYouMean(output, known) ?? `there are: ${known.join(', ')}`
        return [finding('error', 'manifest', positionOf(root, path), message, fix)]
      }),
    )
  })
}

/** A text that no template makes is neither true nor said to be the name of a Secret. */
function lintPublished({manifest, root}: Package): Finding[] {
  return Object.entries(manifest.provides).flatMap(([name, {publish}]) => {
    const tls = publish !== undefined && 'tls' in publish ? publish.tls : undefined
    if (typeof tls !== 'string' || isTemplate(tls)) return []
    const path = ['provides', name, 'publish', 'tls']
    const fix = `true, or {secret: ${tls}} for a Secret of that name`
    return [finding('error', 'value', positionOf(root, path), `${path.join('.')} is the text ${tls}`, fix)]
  })
}

/** What `app rotate` would run has to be there, and for that. */
function lintRotations({manifest: {parameters, tasks}, interfaces, root}: Package): Finding[] {
  return secretFields(parameters, interfaces).flatMap(({name, rotate}) => {
    if (typeof rotate === 'string') return []
    const {task} = rotate
    const there = Object.hasOwn(tasks, task)
    if (there && tasks[task]?.on.includes('rotate')) return []
    const path = ['parameters', ...name.split('.').flatMap(step => ['properties', step]), 'rotate', 'task']
    const message = `${name} is rotated by the task ${task}, which ${there ? 'is not for that' : 'does not exist'}`
    const fix = there ? `tasks.${task}.on: [rotate]` : (didYouMean(task, Object.keys(tasks)) ?? 'add it to tasks')
    return [finding('error', 'unknown-task', positionOf(root, path), message, fix)]
  })
}

function lintFiles({manifest, files, root}: Package): Finding[] {
  const findings: Finding[] = []
  const what = 'write what it is, what it needs, how to update it'
  if (!files.has('README.md')) findings.push(finding('warning', 'readme', manifestStart, 'there is no README.md', what))
  for (const [name, {grant}] of Object.entries(manifest.provides))
    for (const [action, of] of Object.entries(grant ?? {})) {
      const [script, ...path] = 'file' in of ? [of, action] : [of.outside?.before, action, 'outside', 'before']
      if (script === undefined || files.has(script.file)) continue
      const position = positionOf(root, ['provides', name, 'grant', ...path, 'file'])
      const fix = didYouMean(script.file, files.keys()) ?? 'add it'
      findings.push(finding('error', 'missing-file', position, `${script.file} is not in the package`, fix))
    }
  return findings
}

async function lintSamples(pkg: Package, checkObject: CheckObject): Promise<Finding[]> {
  const {manifest, root} = pkg
  const findings: Finding[] = []
  const needed = new Set<string>()
  for (const sample of await sampleScopes(pkg)) {
    if ('scope' in sample) {
      const objects = renderSample(pkg, sample.scope, findings)
      findings.push(...lintObjects(pkg, objects, sample.scope))
      for (const rendered of objects)
        for (const {path, rule, message, fix} of checkObject(rendered.object)) {
          const {key, value} = locateField(pkg, rendered, path)
          const text = `${describeObject(rendered.object)}${path.length > 0 ? `, ${path.join('.')}` : ''} ${message}`
          findings.push(finding('error', rule, rule === 'unknown-field' ? key : value, text, fix))
        }
      for (const {what} of findReaches(objects)) needed.add(what)
      continue
    }
    for (const {field, message} of sample.errors) {
      const position = positionOf(root, ['parameters', 'properties', ...fromPointer(field).slice(0, 1)])
      const text = `no answer could be made up for ${field}, so the templates were not tried with it: ${message}`
      findings.push(finding('warning', 'sample', position, text, 'add examples: [...] to the parameter'))
    }
  }
  for (const [index, {what}] of manifest.needs.entries()) {
    const position = positionOf(root, ['needs', index])
    if (!podReaches.includes(what) && !/^[A-Z]/.test(what)) {
      const fix = `a kind such as ClusterRole, or ${podReaches.join(', ')}`
      findings.push(finding('error', 'needs', position, `${what} is nothing that can be needed`, fix))
    } else if (!needed.has(what)) {
      const message = `${what} is asked for, and no object seems to need it`
      findings.push(finding('warning', 'needs', position, message, 'remove it: people must agree to it'))
    }
  }
  return findings
}

function renderSample(pkg: Package, scope: RenderScope, findings: Finding[]): RenderedObject[] {
  try {
    return renderPackage(pkg, scope, ({problem}) => void findings.push(findingOf(problem)))
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    findings.push(findingOf(error.problem))
    return []
  }
}
