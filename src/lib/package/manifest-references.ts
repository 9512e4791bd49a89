import semver from 'semver'
import {nearest} from '../nearest.ts'
import {finding} from './errors.ts'
import {positionOf} from './tree.ts'
import type {Finding, Manifest} from './types.ts'
import type {YamlNode} from './yaml.ts'

/** Names in one part of the manifest that must exist in another, and values that a schema cannot check: version ranges, cycles. */
export function checkReferences(manifest: Manifest, root: YamlNode): Finding[] {
  const findings: Finding[] = []
  const report = (path: (string | number)[], message: string, fix?: string) => {
    findings.push(finding('error', 'manifest', positionOf(root, path), `${path.join('.')} ${message}`, fix))
  }
  const components = Object.keys(manifest.components)
  const refer = (path: (string | number)[], name: string | undefined, names: string[], what: string) => {
    if (name === undefined || names.includes(name)) return
    const guess = nearest(name, names)
    report(
      path,
      `names the ${what} ${name}, which does not exist`,
      guess !== undefined
        ? `did you mean ${guess}?`
        : names.length > 0
          ? `there are: ${names.join(', ')}`
          : `add it to ${what}s:`,
    )
  }

  for (const [name, {after, scale}] of Object.entries(manifest.components)) {
    for (const [index, other] of after.entries())
      refer(['components', name, 'after', index], other, components, 'component')
    if (scale !== undefined && !(scale.min <= scale.default && scale.default <= scale.max)) {
      report(
        ['components', name, 'scale'],
        `is ${scale.min} ≤ ${scale.default} ≤ ${scale.max}, which is not so`,
        'min ≤ default ≤ max',
      )
    }
    if (reaches(manifest, name, name)) report(['components', name, 'after'], 'waits for itself in the end')
  }
  for (const [name, endpoint] of Object.entries(manifest.provides)) {
    refer(['provides', name, 'component'], endpoint.component, components, 'component')
    refer(['provides', name, 'grant', 'run', 'component'], endpoint.grant?.run.component, components, 'component')
  }
  for (const [name, task] of Object.entries(manifest.tasks)) {
    refer(['tasks', name, 'before'], task.before, components, 'component')
    refer(['tasks', name, 'after'], task.after, components, 'component')
    if (task.before !== undefined && task.after !== undefined)
      report(['tasks', name], 'has both before and after', 'keep one')
  }
  const parameters = Object.keys(manifest.parameters.properties)
  for (const [index, name] of (manifest.parameters.required ?? []).entries())
    refer(['parameters', 'required', index], name, parameters, 'parameter')
  for (const [index, {field}] of manifest.rules.entries())
    refer(['rules', index, 'field'], field.split('/')[1], parameters, 'parameter')
  for (const [name, {secret}] of Object.entries(manifest.outputs))
    refer(['outputs', name, 'secret'], secret?.split('.')[0], parameters, 'parameter')
  for (const [path, range] of ranges(manifest)) {
    if (range !== undefined && semver.validRange(range) === null)
      report(path, `is ${JSON.stringify(range)}, which is no version range`, 'such as ">=1.28 <2"')
  }
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

function ranges({
  compatibility: {kubernetes, upgradeFrom, downgradeTo} = {},
}: Manifest): [string[], string | undefined][] {
  return [
    [['compatibility', 'kubernetes'], kubernetes],
    [['compatibility', 'upgradeFrom', 'version'], upgradeFrom?.version],
    [['compatibility', 'upgradeFrom', 'appVersion'], upgradeFrom?.appVersion],
    [['compatibility', 'downgradeTo', 'version'], downgradeTo?.version],
    [['compatibility', 'downgradeTo', 'appVersion'], downgradeTo?.appVersion],
  ]
}
