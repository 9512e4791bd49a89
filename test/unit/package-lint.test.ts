import {expect} from 'chai'
import {checkObject} from '../../src/lib/authoring/check-object.ts'
import {knownKinds} from '../../src/lib/authoring/lint.ts'
import {addShapes, type Shapes} from '../../src/lib/authoring/shapes.ts'
import type {UserError} from '../../src/lib/errors.ts'
import {
  applyEdits,
  type Finding,
  initPackage,
  lintPackage,
  lintRules,
  packageFromFiles,
} from '../../src/lib/package/index.ts'

const start = initPackage('wiki')
const textOf = (file: string) => Buffer.from(start.get(file) ?? []).toString()

/** The findings of the package that init makes, with one file changed. */
async function lintWith(file: string, change: (text: string) => string) {
  const changed = change(textOf(file))
  if (changed === textOf(file)) throw new Error('nothing was changed')
  const findings = await lintPackage(
    packageFromFiles(new Map([...start, [file, Buffer.from(changed)]])),
    await knownKinds(),
  )
  return {changed, findings}
}

describe('package lint', () => {
  const container = (line: string) => (text: string) => text.replace('        - name: web\n', `$&          ${line}\n`)
  const cases: [what: string, file: string, change: (text: string) => string, found: string, fix?: string][] = [
    [
      'a mistyped field',
      'resources/app.yaml',
      container('imagePulPolicy: Always'),
      '14:11 error unknown-field',
      'did you mean imagePullPolicy?',
    ],
    ['a text for a number', 'resources/app.yaml', text => text.replace('8080', '"8080"'), '20:43 error wrong-type'],
    ['a number for a text', 'resources/app.yaml', container('command: [sleep, 5]'), '14:28 error wrong-type'],
    [
      'a value that is not taken',
      'resources/app.yaml',
      text => text.replace('Recreate', 'Recrate'),
      '8:20 error wrong-value',
      'did you mean Recreate?',
    ],
    [
      'a missing field',
      'resources/app.yaml',
      text => text.replace('mountPath: /data', 'readOnly: true'),
      '25:15 error missing-field',
      'add mountPath',
    ],
    [
      'a version that is gone',
      'resources/app.yaml',
      text => text.replace('apps/v1', 'apps/v1beta1'),
      '3:13 error unknown-kind',
      'apiVersion: apps/v1',
    ],
    [
      'a password in a template',
      'resources/app.yaml',
      text => text.replace('- name: PASSWORD', '- {name: DB_TOKEN, value: hunter2hunter2}\n            $&'),
      '13:11 warning plain-secret',
    ],
    [
      'a host',
      'resources/app.yaml',
      text =>
        text
          .replace('runAsNonRoot', 'hostPID: true, runAsNonRoot')
          .replace('securityContext: {hostPID: true, ', 'hostPID: true\n      securityContext: {'),
      '2:1 error needs',
    ],
    [
      'an answer in a script',
      'resources/app.yaml',
      container('command: [sh, -c, "echo ${params.greeting}"]'),
      '14:37 warning shell',
    ],
    [
      'a condition on what is always there',
      'resources/config.yaml',
      text => `$if: params.greeting != null\n${text}`,
      '1:22 warning constant-condition',
    ],
    [
      'a condition that reads nothing',
      'resources/config.yaml',
      text => `$if: 1 == 2\n${text}`,
      '1:6 warning constant-condition',
    ],
    [
      'a value that cannot be',
      'resources/config.yaml',
      text => `${text}  mode: '\${params.mode == "fst" ? "a" : "b"}'\n`,
      '7:24 warning unreachable',
    ],
    [
      'a part that nobody reads',
      'resources/config.yaml',
      text => `${text}---\n$part: x\na: 1\n`,
      '8:1 warning unused-part',
    ],
    [
      'a component without objects',
      'package.yaml',
      text => text.replace('components:\n', '$&  idle: {}\n'),
      '21:9 warning unused-component',
    ],
    [
      'an octal mode',
      'resources/app.yaml',
      text => text.replace('configMap: {', '$&defaultMode: 0644, '),
      '28:36 warning yaml-trap',
    ],
  ]
  for (const [what, file, change, expected, fix] of cases) {
    it(`finds ${what}`, async () => {
      const withMode = (text: string) => text.replace('type: string,', 'type: string, ')
      const {findings} = expected.endsWith('unreachable')
        ? {
            findings: await lintPackage(
              packageFromFiles(
                new Map([
                  ...start,
                  [file, Buffer.from(change(textOf(file)))],
                  [
                    'package.yaml',
                    Buffer.from(
                      withMode(textOf('package.yaml')).replace(
                        '    greeting:',
                        '    mode: {type: string, enum: [fast, slow], default: fast}\n$&',
                      ),
                    ),
                  ],
                ]),
              ),
            ),
          }
        : await lintWith(file, change)
      const lines = findings.map(
        ({position: {line, column}, severity, rule}) => `${line}:${column} ${severity} ${rule}`,
      )
      expect(lines).to.include(expected)
      if (fix !== undefined) expect(findings.map(found => found.fix)).to.include(fix)
      for (const {rule} of findings)
        expect(lintRules, rule).to.have.property(rule.replace(/^parameter-.*/, 'parameter-*'))
    })
  }

  const edits: [what: string, file: string, was: string, wrong: string, mended: string][] = [
    [
      'a text that is a boolean elsewhere',
      'resources/config.yaml',
      '  index.html:',
      '  metadata2: no # really',
      '  metadata2: "no" # really',
    ],
    [
      'an expression cut by a comment',
      'resources/config.yaml',
      '  index.html:',
      '  a: ${"a" + " #1"} # it’s so',
      `  a: '\${"a" + " #1"}' # it’s so`,
    ],
    ['${} where it is bare', 'resources/config.yaml', '  index.html:', '  x:\n    $if: ${true}', '  x:\n    $if: true'],
    [
      'an unquoted answer in a script',
      'resources/app.yaml',
      '      containers:',
      '      x: {command: [sh, -c, "a ${params.greeting}"]}',
      '      x: {command: [sh, -c, "a ${shellQuote(params.greeting)}"]}',
    ],
  ]
  for (const [what, file, was, wrong, mended] of edits) {
    it(`mends ${what}, and nothing else`, async () => {
      const {changed, findings} = await lintWith(file, text => text.replace(was, () => `${wrong}\n${was}`))
      expect(
        applyEdits(
          changed,
          findings.filter(({position}) => position.file === file),
        ).text,
      ).to.equal(textOf(file).replace(was, () => `${mended}\n${was}`))
    })
  }

  it('mends a version without quotes in a manifest that cannot be read', async () => {
    const text = textOf('package.yaml').replace('"1.29.3"', '1.29')
    const refused = await lintWith('package.yaml', () => text).catch((error: unknown) => error)
    expect(applyEdits(text, (refused as UserError).details as Finding[]).text).to.equal(
      textOf('package.yaml').replace('1.29.3"', '1.29"'),
    )
  })

  it('refuses a package whose entries have what only parameters can, with all else that is wrong with them', async () => {
    const list =
      '    l: {type: array, default: x, items: {type: object, properties: {n: {default: "${app.name}"}}}}\n$&'
    const refused = await lintWith('package.yaml', text => text.replace('    greeting:', list)).catch(error => error)
    expect((refused as UserError).code).to.equal('package.invalid')
    expect(((refused as UserError).details as Finding[]).map(({rule, message}) => `${rule} ${message}`)).to.deep.equal([
      'parameter-default l.default does not fit: must be a list, is text',
      'parameter-default l.items.n.default has ${}, as only defaults of parameters may: write it in the template, x != null ? x : …',
    ])
  })

  it('tells at once what is wrong with the manifest and with each object', async () => {
    const manifest = `apiVersion: berth.dev/v1
kind: Package
name: demo
version: 1.0.0
parameters:
  properties:
    px: {kind: secret, rotate: {task: nope}}
    py: {kind: secret, rotate: {task: once}}
    user: {type: string, default: admin}
    hash: {kind: secret, derive: {htpasswd: px, user: user}}
    link: {type: string, format: uri}
    spare: {type: string}
    sel: {type: object, properties: {m: {type: string, enum: [x, w], default: x}}}
components: {web: {}}
provides:
  web: {interface: http, component: web, port: 80, publish: {host: a.example.com, tls: maybe, bodySize: zzz}}
tasks: {once: {on: [install], job: once}}
`
    const resources = `$component: web
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: "\${app.name}-x"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "\${app.name}-c", namespace: other}
data: {a: "\${params.sel.m == 'zz' ? 'a' : 'b'}", b: "\${params.link != null ? params.link : ''}"}
---
apiVersion: v1
kind: Secret
metadata: {name: "\${app.name}-s"}
stringData: {h: "\${params.hash.value}", py: "\${params.py.value}"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
---
apiVersion: v1
kind: Pod
metadata: {name: "\${app.name}-p"}
spec: {hostNetwork: true, containers: [{name: a, image: a}]}
---
$task: once
apiVersion: batch/v1
kind: Job
metadata: {name: "\${app.name}-j"}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}
`
    const lint = async (more = '') => {
      const files = {'package.yaml': manifest, 'resources/a.yaml': resources + more}
      const bytes = Object.entries(files).map(([file, text]) => [file, Buffer.from(text)] as const)
      const findings = await lintPackage(packageFromFiles(new Map(bytes)), await knownKinds())
      return findings.map(({position: {line}, rule, message}) => `${line} ${rule} ${message}`)
    }
    const found = await lint()
    expect(found.filter(text => !/image|resources|security-context|readme/.test(text))).to.deep.equal([
      '7 unknown-task px is rotated by the task nope, which does not exist',
      '8 unknown-task py is rotated by the task once, which is not for that',
      '12 unused-parameter the parameter spare is read by nothing',
      '16 value bodySize is "zzz", which is no size',
      '16 value provides.web.publish.tls is the text maybe',
      '2 unknown-kind Ingress sample-app-x, apiVersion is extensions/v1beta1, where Kubernetes v1.34.4 serves no Ingress',
      '6 namespace ConfigMap sample-app-c is for the namespace "other", the app is in sample-ns',
      '9 unreachable `params.sel.m` is never "zz": this is always false',
      '16 cluster-name ClusterRole reader is seen by the whole cluster, and its name has not both namespace and app in it',
      '16 needs ClusterRole reader reaches beyond its namespace (ClusterRole), and package.yaml does not say so',
      '20 needs Pod sample-app-p reaches beyond its namespace (hostNetwork), and package.yaml does not say so',
    ])
    const all =
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${app.name}-a"}\ndata: {a: "${string(size(params))}"}\n'
    expect((await lint(all)).join()).to.not.include('unused-parameter')
  })

  it('reads the kinds of a definition as a cluster serves it', () => {
    const shapes: Shapes = {version: 'v1', kinds: {}, types: {}}
    const spec = {
      type: 'object',
      required: ['size'],
      properties: {
        size: {type: 'integer'},
        port: {'x-kubernetes-int-or-string': true},
        free: {type: 'object', 'x-kubernetes-preserve-unknown-fields': true},
      },
    }
    addShapes(shapes, {
      components: {
        schemas: {
          'dev.x.v1.Box': {
            properties: {apiVersion: {}, kind: {}, metadata: {}, spec},
            'x-kubernetes-group-version-kind': [{group: 'x.dev', version: 'v1', kind: 'Box'}],
          },
        },
      },
    })
    const faults = (spec: unknown) =>
      checkObject({apiVersion: 'x.dev/v1', kind: 'Box', metadata: {name: 'b'}, spec} as never, shapes).map(
        ({rule, path}) => `${rule} ${path.join('.')}`,
      )
    expect(faults({size: 1, port: 'http', free: {a: {b: 1}}})).to.deep.equal([])
    expect(faults({port: true, sise: 1})).to.have.members([
      'wrong-type spec.port',
      'unknown-field spec.sise',
      'missing-field spec',
    ])
  })
})
