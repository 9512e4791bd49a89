import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'

const head = (name: string) => `apiVersion: berth.dev/v1
kind: Package
name: ${name}
version: 1.0.0
title: ${name}
description: Made for the bench
license: Apache-2.0
`

/** A package of so many parameters of all plain types, one in ten under a condition and one in ten with a default that is worked out. */
export function writeFields(folder: string, count: number): Promise<void> {
  const declared = [
    '{type: string, title: Text, minLength: 2, maxLength: 40, default: text}',
    '{type: integer, title: Number, minimum: 0, maximum: 1000, default: 7}',
    '{type: boolean, title: Switch, default: true}',
    '{title: Choice, default: b, oneOf: [{const: a, title: First}, {const: b, title: Second}]}',
    '{type: string, title: Name, pattern: "^[a-z0-9-]+$", default: "${app.name}-name"}',
    '{type: array, title: List, items: {type: string}, default: [a, b]}',
    '{kind: hostname, title: Host, default: "${app.name}.${cluster.domain}"}',
    '{type: object, title: Labels, additionalProperties: {type: string}, default: {}}',
    '{kind: quantity, title: Memory, default: 64Mi}',
    '{type: string, title: Sometimes, when: params.f2, default: x}',
  ]
  const parameters = Array.from({length: count}, (_, i) => `    f${i}: ${declared[i % declared.length]}`)
  return writeAll(folder, {'package.yaml': `${head('fields')}parameters:\n  properties:\n${parameters.join('\n')}\n`})
}

/** Answers to all of them, none of which is the default. */
export function answersFor(count: number): object {
  const answers = ['other', 8, true, 'a', 'my-name', ['c'], 'a.test', {x: 'y'}, '1Gi', 'z']
  return Object.fromEntries(Array.from({length: count}, (_, i) => [`f${i}`, answers[i % answers.length]]))
}

/** A package and a chart that make the same so many objects: ConfigMaps of ten values, each a file with an expression a line. */
export async function writeDocuments(pkg: string, chart: string, count: number): Promise<void> {
  const document = (i: number, name: string, text: string) =>
    [
      'apiVersion: v1',
      'kind: ConfigMap',
      `metadata: {name: "${name}-${i}"}`,
      'data:',
      ...Array.from({length: 10}, (_, key) => `  key${key}: "${i} ${text}"`),
      '',
    ].join('\n')
  const files = (folder: string, name: string, text: string) =>
    Object.fromEntries(Array.from({length: count}, (_, i) => [`${folder}/map-${i}.yaml`, document(i, name, text)]))
  await writeAll(pkg, {
    'package.yaml': `${head('documents')}parameters: {properties: {text: {type: string, title: Text, default: Hello}}}\n`,
    ...files('resources', '${app.name}', '${params.text}'),
  })
  await writeAll(chart, {
    'Chart.yaml': 'apiVersion: v2\nname: documents\nversion: 1.0.0\n',
    'values.yaml': 'text: Hello\n',
    ...files('templates', '{{ .Release.Name }}', '{{ .Values.text }}'),
  })
}

async function writeAll(folder: string, files: Record<string, string>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), {recursive: true})
    await writeFile(join(folder, file), content)
  }
}
