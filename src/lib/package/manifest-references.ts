import validRange from 'semver/ranges/valid.js'
import {didYouMean} from '../nearest.ts'
import {type Finding, finding, positionOf, type YamlNode} from '../yaml/index.ts'
import type {Manifest} from './manifest-schema.ts'

type Path = (string | number)[]

/** Names in one part of the manifest that must exist in another, and values that a schema cannot check: version ranges, cycles. */
export function checkReferences(manifest: Manifest, root: YamlNode): Finding[] {
  const findings: Finding[] = []
  const report = (path: Path, message: string, fix?: string) => {
    findings.push(finding('error', 'manifest', positionOf(root, path), `${path.join('.')} ${message}`, fix))
  }
  const known = {component: manifest.components, parameter: manifest.parameters.properties, image: manifest.images}
  const refer = (what: keyof typeof known, path: Path, name: string | undefined) => {
    const names = Object.keys(known[what])
    if (name === undefined || names.includes(name)) return
    const there = names.length > 0 ? `there are: ${names.join(', ')}` : `add it to ${what}s:`
    report(path, `names the ${what} ${name}, which does not exist`, didYouMean(name, names) ?? there)
  }
  const {components, provides, tasks, parameters, rules, migrations, outputs, compatibility} = manifest
  for (const [name, {after, scale}] of Object.entries(components)) {
    const path = ['components', name]
    for (const [index, other] of after.entries()) refer('component', [...path, 'after', index], other)
    if (scale !== undefined && !(scale.min <= scale.default && scale.default <= scale.max)) {
      const so = `${scale.min} ≤ ${scale.default} ≤ ${scale.max}`
      report([...path, 'scale'], `is ${so}, which is not so`, 'min ≤ default ≤ max')
    }
    if (reaches(manifest, name, name)) report([...path, 'after'], 'waits for itself in the end')
  }
  for (const [name, {component, grant}] of Object.entries(provides)) {
    refer('component', ['provides', name, 'component'], component)
    refer('component', ['provides', name, 'grant', 'run', 'component'], grant?.run.component)
    refer('image', ['provides', name, 'grant', 'run', 'outside', 'image'], grant?.run.outside?.image)
  }
  for (const [name, {before, after}] of Object.entries(tasks)) {
    refer('component', ['tasks', name, 'before'], before)
    refer('component', ['tasks', name, 'after'], after)
    if (before !== undefined && after !== undefined) report(['tasks', name], 'has both before and after', 'keep one')
  }
  for (const [index, name] of (parameters.required ?? []).entries())
    refer('parameter', ['parameters', 'required', index], name)
  for (const [index, {field}] of rules.entries()) refer('parameter', ['rules', index, 'field'], field.split('/')[1])
  for (const [index, {set = {}}] of migrations.entries())
    for (const field of Object.keys(set)) refer('parameter', ['migrations', index, 'set', field], field.split('/')[1])
  for (const [name, {secret}] of Object.entries(outputs))
    refer('parameter', ['outputs', name, 'secret'], secret?.split('.')[0])
  for (const [path, range] of rangesIn(compatibility, ['compatibility']))
    if (validRange(range) === null)
      report(path, `is ${JSON.stringify(range)}, which is no version range`, 'such as ">=1.28 <2"')
  return findings
}

function reaches(manifest: Manifest, from: string, goal: string, seen = new Set<string>()): boolean {
  return (manifest.components[from]?.after ?? []).some(next => {
    if (next === goal) return true
    if (seen.has(next)) return false
    seen.add(next)
    return reaches(manifest, next, goal, seen)
  })
}

/** Every text of `compatibility` is a range. */
function rangesIn(value: unknown, path: Path): [Path, string][] {
  if (typeof value === 'string') return [[path, value]]
  return Object.entries(value ?? {}).flatMap(([key, inner]) => rangesIn(inner, [...path, key]))
}
