import {expect} from 'chai'
import {parse as parseYaml} from 'yaml'
import {UserError} from '../../src/lib/errors.ts'
import {ExpressionError, secretToken} from '../../src/lib/expr/index.ts'
import {
  checkTemplates,
  evaluateTaskCondition,
  lintPackage,
  loadFolder,
  packageFromFiles,
  type RenderScope,
  renderPackage,
  renderShown,
  resolveEndpoints,
  revealSecret,
} from '../../src/lib/package/index.ts'

const head = 'apiVersion: berth.dev/v1\nkind: Package\nname: demo\nversion: 1.0.0\n'
const scope: RenderScope = {
  params: {
    hosts: ['a', 'b'],
    env: {Z: '1', A: '2'},
    proxy: null,
    port: 8080,
    on: true,
    password: {ref: {name: 's', key: 'password'}, value: secretToken('password')},
  },
  lets: {},
  app: {name: 'wiki', namespace: 'docs', revision: 3},
  cluster: {domain: 'example.com', kubernetes: '1.34.0', ingressClass: 'nginx', storageClass: null},
  scale: {},
  secretName: 's',
}
const parameters = `parameters:
  properties:
    hosts: {type: array, items: {type: string}}
    env: {type: object, additionalProperties: {type: string}}
    proxy: {kind: binding, interface: http}
    port: {type: integer, default: 80}
    on: {type: boolean, default: true}
    password: {kind: secret}
`

const packageOf = (manifest: string, resources: string, more: Record<string, string> = {}) => {
  const files = {'package.yaml': head + manifest, 'resources/app.yaml': resources, ...more}
  return packageFromFiles(new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)])))
}
const config = (body: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "\${app.name}-c"}\n${body}`
const render = (resources: string, manifest = parameters, more = {}) =>
  renderPackage(packageOf(manifest, resources, more), scope).map(({object}) => object)
/** The `x` of one ConfigMap. */
const rendered = (x: string) => render(config(`x: ${x}`))[0]?.x
const problemOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof ExpressionError) return error.problem
    throw error
  }
  throw new Error('nothing failed')
}

describe('package: directives', () => {
  const cases: [string, unknown][] = [
    ['{$if: params.on, $value: 3}', 3],
    ['{$if: "!params.on", $value: 3}', undefined],
    ['{$if: params.on, a: 1}', {a: 1}],
    ['[1, {$if: "!params.on", $value: 2}, 3]', [1, 3]],
    ['[0, {$for: h in params.hosts, $value: "${h}!"}, 9]', [0, 'a!', 'b!', 9]],
    [
      '[{$for: "i, h in params.hosts", name: "${h}", at: "${i}"}]',
      [
        {name: 'a', at: 0},
        {name: 'b', at: 1},
      ],
    ],
    [
      '[{$for: "k, v in params.env", name: "${k}", value: "${v}"}]',
      [
        {name: 'A', value: '2'},
        {name: 'Z', value: '1'},
      ],
    ],
    ['[{$for: k in params.env, $value: "${k}"}]', ['A', 'Z']],
    ['{$for: "k, v in params.env", "${k}": "${v}"}', {A: '2', Z: '1'}],
    ['{$for: h in params.hosts, $value: "${h}"}', ['a', 'b']],
    ['[{$for: h in params.hosts, $if: h != "a", $value: "${h}"}]', ['b']],
    ['[{$for: h in params.hosts, $let: {big: h.upperAscii()}, $items: ["${h}", "${big}"]}]', ['a', 'A', 'b', 'B']],
    ['[{$if: params.on, $items: [1, 2]}, 3]', [1, 2, 3]],
    ['{$let: {a: "1", b: a + 1}, $value: "${a + b}"}', 3],
    ['{$raw: "${not} an expression"}', '${not} an expression'],
    ['{$raw: {$ref: "#/x"}}', {$ref: '#/x'}],
    ['{a: "${omit()}", b: 1}', {b: 1}],
    ['["${omit()}", 1]', [1]],
    ['{"${params.hosts[0]}-x": 1}', {'a-x': 1}],
    ['"$${HOME}"', '${HOME}'],
    ['{$if: params.proxy != null, $value: "${params.proxy.host}"}', undefined],
    ['"${params.port}"', 8080],
    ['{"__proto__": 1}', JSON.parse('{"__proto__": 1}')],
  ]
  for (const [text, expected] of cases) {
    it(text, () => {
      expect(
        checkTemplates(packageOf(parameters, config(`x: ${text}`))).filter(({rule}) => rule !== 'unused-parameter'),
      ).to.deep.equal([])
      expect(rendered(text)).to.deep.equal(expected)
    })
  }

  it('repeat and drop whole documents', () => {
    const objects = render(
      `$for: h in params.hosts\n${config('').replace('-c', '-${h}')}\n---\n$if: "!params.on"\n${config('')}`,
    )
    expect(objects.map(({metadata}) => metadata.name)).to.deep.equal(['wiki-a', 'wiki-b'])
  })

  it('share parts', () => {
    const [object] = render(
      `$part: env\n$items:\n  - {$for: "k, v in params.env", name: "\${k}"}\n---\n${config('x: "${parts.env}"\ny: "${parts.env.size()}"')}`,
    )
    expect(object).to.deep.include({x: [{name: 'A'}, {name: 'Z'}], y: 2})
  })

  it('read files', () => {
    expect(
      render(config('x: "${files[\'a/b.txt\']}"'), parameters, {'files/a/b.txt': '${no} template'})[0]?.x,
    ).to.equal('${no} template')
  })

  const faults: [string, RegExp, RegExp?][] = [
    ['{$fi: params.on, a: 1}', /no directive \$fi/, /\$if/],
    ['{$if: "${params.on}", a: 1}', /takes a bare expression/, /^\$if: params\.on$/],
    ['{$value: 1, a: 1}', /the field a beside \$value/],
    ['{$items: 1}', /takes a list/],
    ['{$for: params.hosts, $value: 1}', /\$for: x in expression|\$for is/],
    ['{$component: app}', /document's top only/],
    ['"${params.hots}"', /no field `hots`/, /hosts/],
    ['"a${params.port}"', /strings only/, /string\(params\.port\)/],
    ['"${params.proxy.host}"', /may be null/],
    ['a ${params.hosts[0] + " #1"}', /never closed/, /quote the whole text/],
    ['{$if: params.port, $value: 1}', /\$if is int/],
    ['{$for: x in params.port, $value: 1}', /goes over a list or a map/],
    ['{$for: x in params.proxy, $value: 1}', /may be null/],
    ['"${parts.nope}"', /no field `nope`/],
    ['"${now()}"', /no function now/],
  ]
  for (const [text, message, fix] of faults) {
    it(`refuse ${text}`, () => {
      const findings = checkTemplates(packageOf(parameters, config(`x: ${text}`))).filter(
        ({severity}) => severity === 'error',
      )
      expect(findings[0]?.message).to.match(message)
      expect(findings[0]?.position).to.deep.include({file: 'resources/app.yaml', line: 4})
      if (fix !== undefined) expect(findings[0]?.fix).to.match(fix)
    })
  }

  it('point into block texts and quoted strings', () => {
    const at = (text: string) => checkTemplates(packageOf(parameters, config(text)))[0]?.position
    expect(at('x: |\n    one\n    two ${params.hots}\n')).to.deep.equal({
      file: 'resources/app.yaml',
      line: 6,
      column: 17,
    })
    expect(at('x: "\\u00e9\\n${params.hots}"')).to.deep.equal({file: 'resources/app.yaml', line: 4, column: 21})
    expect(at(`x: 'it''s \${params.hots}'`)).to.deep.equal({file: 'resources/app.yaml', line: 4, column: 19})
  })
})

describe('package: what berth adds', () => {
  const components = `${parameters}components: {web: {scale: {min: 1, default: 2, max: 4}, profile: small}}\n`
  const workload = (kind: string, more = '') =>
    `$component: web\napiVersion: apps/v1\nkind: ${kind}\nmetadata: {name: "\${app.name}-web"}\nspec:\n  replicas: 7\n  template:\n    spec: {containers: [{name: a, image: x}, {name: b, image: y, resources: {}}]${more}}\n`

  it('labels, selectors, resources, spreading; replicas go', () => {
    const [first] = renderPackage(packageOf(components, workload('Deployment')), {...scope, scale: {web: 3}})
    const selector = {'app.kubernetes.io/instance': 'wiki', 'app.kubernetes.io/component': 'web'}
    const labels = {'app.kubernetes.io/name': 'demo', 'app.kubernetes.io/managed-by': 'berth', ...selector}
    const resources = {requests: {cpu: '50m', memory: '128Mi'}, limits: {memory: '256Mi'}}
    expect(first).to.deep.include({component: 'web', task: undefined, replicas: 3})
    expect(first?.object.metadata).to.deep.equal({name: 'wiki-web', namespace: 'docs', labels})
    expect(first?.object.spec).to.deep.equal({
      selector: {matchLabels: selector},
      template: {
        metadata: {labels},
        spec: {
          containers: [
            {name: 'a', image: 'x', resources},
            {name: 'b', image: 'y', resources: {}},
          ],
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: {matchLabels: selector},
              matchLabelKeys: ['pod-template-hash'],
            },
          ],
        },
      },
    })
  })

  it('a disruption budget for several pods, unless the package has one', () => {
    const budgets = (text: string, web: number) =>
      renderPackage(packageOf(components, text), {...scope, scale: {web}}).filter(
        ({object}) => object.kind === 'PodDisruptionBudget',
      )
    const [made, ...more] = budgets(workload('Deployment'), 2)
    expect([made?.object.metadata.name, more]).to.deep.equal(['wiki-web', []])
    expect(made?.object).to.have.nested.property('spec.maxUnavailable', 1)
    expect(made?.object).to.have.nested.property('spec.selector.matchLabels.app\\.kubernetes\\.io/component', 'web')
    expect(budgets(workload('Deployment'), 1)).to.deep.equal([])
    const own =
      '---\n$component: web\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: own}\nspec: {minAvailable: 1}\n'
    expect(budgets(`${workload('Deployment')}${own}`, 2).map(({object}) => object.metadata.name)).to.deep.equal(['own'])
  })

  it('keeps what the template says of spreading', () => {
    const [object] = render(workload('StatefulSet', ', affinity: {podAntiAffinity: {}}'), components)
    expect(object).not.to.have.nested.property('spec.template.spec.topologySpreadConstraints')
  })

  it('keeps requests away from the pods of Jobs', () => {
    const [object] = render(workload('Job').replace('apps/v1', 'batch/v1').replace('  replicas: 7\n', ''), components)
    expect(object)
      .to.have.nested.property('spec.template.metadata.labels')
      .that.does.not.have.property('app.kubernetes.io/component')
    expect(object).not.to.have.nested.property('spec.selector')
  })

  it('Services and Ingresses of endpoints, and their addresses', () => {
    const provides = `${components}provides:
  web: {interface: http, component: web, port: 8080, publish: {host: ["\${app.name}.\${cluster.domain}", "www.x.org"], path: /w, tls: "\${params.on}", bodySize: 10m}}
  api: {interface: http, component: web, port: 9090, publish: {host: "\${params.proxy != null ? params.proxy.host : null}"}}
  sql: {interface: postgresql, component: web, port: 5432, publish: {tcp: "\${params.port}"}}
`
    const pkg = packageOf(
      provides,
      config(
        'x: ["${provides.web.url}", "${provides.web.internalUrl}", "${provides.api.url}", "${provides.sql.url}", "${provides.sql.host}", "${provides.sql.port}"]',
      ),
    )
    const objects = renderPackage(pkg, scope).map(({object}) => object)
    expect(objects[0]?.x).to.deep.equal([
      'https://wiki.example.com/w',
      'http://wiki-web.docs.svc:8080',
      'http://wiki-api.docs.svc:9090',
      'postgresql://wiki-sql.docs.svc:5432',
      'wiki-sql.docs.svc',
      5432,
    ])
    expect(objects.slice(1).map(({kind, metadata}) => `${kind} ${metadata.name}`)).to.deep.equal([
      'Service wiki-web',
      'Ingress wiki-web',
      'Service wiki-api',
      'Service wiki-sql',
      'Service wiki-sql-public',
    ])
    expect(objects[2]?.spec).to.deep.include({
      ingressClassName: 'nginx',
      tls: [{hosts: ['wiki.example.com', 'www.x.org'], secretName: 'wiki-web-tls'}],
    })
    expect(objects[5]?.spec).to.deep.include({type: 'LoadBalancer'})
    expect(resolveEndpoints(pkg, scope).map(({address}) => address.published)).to.deep.equal([true, false, true])
  })

  it('refuses a published name that is none', () => {
    const provides = `${components}provides: {web: {interface: http, component: web, port: 8080, publish: {host: "a b;c"}}}\n`
    expect(problemOf(() => render(config(''), provides)).message).to.match(/no host name/)
  })

  it('the same objects each time', () => {
    const pkg = packageOf(components, workload('Deployment'))
    expect(JSON.stringify(renderPackage(pkg, scope))).to.equal(JSON.stringify(renderPackage(pkg, scope)))
  })

  const role = (name: string) =>
    `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: "${name}"}\n`
  const refused: [string, string, string][] = [
    ['an object twice', `${config('')}\n---\n${config('')}`, 'duplicate-object'],
    ['another namespace', config('').replace('name:', 'namespace: kube-system, name:'), 'namespace'],
    ['a Namespace', 'apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n', 'namespace'],
    ['a cluster-wide name that others could have', role('${app.name}'), 'cluster-name'],
    ['what is not under needs', role('${app.namespace}-${app.name}'), 'needs'],
    [
      'a privileged container',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: "${app.name}"}\nspec: {containers: [{securityContext: {privileged: true}}]}\n',
      'needs',
    ],
    [
      'a host path in a custom resource',
      'apiVersion: x.io/v1\nkind: Thing\nmetadata: {name: "${app.name}"}\nspec: {pod: {volumes: [{hostPath: {path: /}}]}}\n',
      'needs',
    ],
    ['no name', 'apiVersion: v1\nkind: ConfigMap\n', 'object'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: x}\n', 'object'],
    ['a secret outside of Secrets', config('data: {x: "${params.password.value}"}'), 'secret'],
    ['an encoded secret outside of Secrets', config('data: {x: "${base64(params.password.value)}"}'), 'secret'],
    [
      'a secret in the metadata of a Secret',
      'apiVersion: v1\nkind: Secret\nmetadata: {name: "${app.name}", annotations: {x: "${params.password.value}"}}\n',
      'secret',
    ],
    [
      'a secret as an object of its own',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${params.password.value}"}\n',
      'object',
    ],
    ['too many objects', `$for: i in [${Array(600).fill('1')}].map(x, x)\n${config('')}`, 'duplicate-object'],
    [
      'a render that never ends',
      config(
        `x: "\${[${Array(40).fill('1')}].map(a, [${Array(40).fill('1')}].map(b, [${Array(40).fill('1')}].map(c, [${Array(40).fill('1')}].map(d, 'x'))))}"`,
      ),
      'limit',
    ],
    [
      'loops in loops',
      config(
        `x: [{$for: "a in [${Array(99).fill('1')}]", $items: [{$for: "b in [${Array(99).fill('1')}]", $items: [{$for: "c in [${Array(99).fill('1')}]", $value: 1}]}]}]`,
      ),
      'limit',
    ],
  ]
  for (const [name, resources, rule] of refused) {
    it(`but never ${name}`, () => {
      const start = performance.now()
      const problem = problemOf(() => render(resources))
      expect(problem.rule).to.equal(rule)
      expect(problem.message).not.to.include('\u0001')
      expect(performance.now() - start).to.be.below(2000)
    })
  }

  it('lets through what is under needs', () => {
    const needs = `${parameters}needs: [{what: ClusterRole, why: reads nodes}]\n`
    const [object] = render(role('${app.namespace}-${app.name}'), needs)
    expect(object?.metadata).not.to.have.property('namespace')
  })

  it('a Secret with its values, at the last moment', () => {
    const [object] = render(
      'apiVersion: v1\nkind: Secret\nmetadata: {name: "${app.name}"}\nstringData: {url: "x:${urlEncode(params.password.value)}@y", plain: a}\ndata: {old: "${base64(params.password.value)}"}\n',
    )
    if (object === undefined) throw new Error('no Secret')
    const {data, ...rest} = revealSecret(object, name => `${name}/1`) as unknown as {data: Record<string, string>}
    expect(rest).not.to.have.property('stringData')
    expect(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])).to.deep.equal([
      ['old', 'password/1'],
      ['url', 'x:password%2F1@y'],
      ['plain', 'a'],
    ])
  })
})

describe('package: texts and conditions', () => {
  const manifest = `${parameters}components: {web: {}}
provides: {web: {interface: http, component: web, port: 80, publish: {host: "w.\${cluster.domain}"}}}
tasks: {t: {on: [config], job: t, when: "changed(params.port)"}}
outputs: {login: {title: Login, value: "user", secret: password}, port: {title: Port, value: "\${params.port}"}}
notes: "Open \${provides.web.url}."
`
  const job =
    '$task: t\napiVersion: batch/v1\nkind: Job\nmetadata: {name: "${app.name}-t"}\nspec: {template: {spec: {containers: []}}}\n'

  it('are shown after an install', () => {
    expect(renderShown(packageOf(manifest, job), scope)).to.deep.equal({
      notes: 'Open http://w.example.com.',
      outputs: {
        login: {title: 'Login', value: 'user', secret: 'password'},
        port: {title: 'Port', value: 8080, secret: undefined},
      },
    })
  })

  it('never show a secret', () => {
    const pkg = packageOf(manifest.replace('"user"', '"${params.password.value}"'), job)
    expect(checkTemplates(pkg).map(({rule}) => rule)).to.deep.equal(['secret'])
    expect(problemOf(() => renderShown(pkg, scope)).rule).to.equal('secret')
  })

  it('decide whether a task runs', () => {
    const pkg = packageOf(manifest, job)
    expect(evaluateTaskCondition(pkg, 't', scope)).to.equal(true)
    expect(evaluateTaskCondition(pkg, 't', scope, scope)).to.equal(false)
    expect(evaluateTaskCondition(pkg, 't', scope, {...scope, params: {...scope.params, port: 1}})).to.equal(true)
    expect(renderPackage(pkg, scope)[0]?.task).to.equal('t')
  })

  const faults: [string, string, RegExp][] = [
    ['a cycle of lets', 'let: {a: b, b: a}\n', /reads itself/],
    ['a let that hides', 'let: {params: "1"}\n', /hides params/],
    ['a rule that is no condition', 'rules: [{check: params.port, field: /port, message: x}]\n', /condition is int/],
    ['a let with ${}', 'let: {a: "${params.port}"}\n', /a bare expression, without/],
    ['changed() outside of tasks', 'let: {a: changed(params.port)}\n', /tasks only/],
    ['a job that does not exist', 'tasks: {t: {on: [install], job: nope}}\n', /no template has/],
    ['notes that are wrong', 'notes: "${provides.web.url}"\n', /no field `web`/],
  ]
  for (const [name, more, message] of faults) {
    it(`are checked: ${name}`, () => {
      expect(checkTemplates(packageOf(parameters + more, config('')))[0]?.message).to.match(message)
    })
  }
})

describe('package: lint', () => {
  it('finds nothing in a good package', async () => {
    expect(
      await lintPackage(await loadFolder(new URL('../fixtures/packages/miniflux', import.meta.url).pathname)),
    ).to.deep.equal([])
  })

  it('finds what hurts later', async () => {
    const manifest = `${parameters}images: {unused: x:1}\nlet: {nobody: "1"}\ncomponents: {web: {}}\nneeds: [{what: hostPath, why: x}, {what: everything, why: x}]
provides: {d: {interface: tcp, component: web, port: 1, grant: {run: {component: web}, ensure: {file: files/ensur.sh}}}}\n`
    const resources = `$component: web
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app.kubernetes.io/version: "1"}}
  template: {spec: {containers: [{name: a, image: nginx}]}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: "\${app.name}-d"}
spec: {template: {spec: {containers: []}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: "\${app.name}"}
data: {a: yes}
`
    const findings = await lintPackage(packageOf(manifest, resources, {'files/ensure.sh': 'x'}))
    const rules = new Set(findings.map(({severity, rule}) => `${severity} ${rule}`))
    for (const rule of [
      'error missing-file',
      'error needs',
      'warning needs',
      'warning readme',
      'warning unused-parameter',
      'warning unused-let',
      'warning unused-image',
      'error fixed-name',
      'error version-in-selector',
      'error component',
      'warning image',
      'warning image-tag',
      'warning resources',
      'warning security-context',
      'warning probes',
      'warning yaml-trap',
    ]) {
      expect(rules, [...rules].join(', ')).to.include(rule)
    }
    expect(findings.find(({rule}) => rule === 'missing-file')?.fix).to.equal('did you mean files/ensure.sh?')
  })

  it('tells parameters that make no sense, where they stand', async () => {
    const findings = await lintPackage(packageOf('parameters:\n  properties:\n    a: {kind: hostnam}\n', config('')))
    expect(findings.find(({rule}) => rule.startsWith('parameter-'))?.position).to.deep.include({
      file: 'package.yaml',
      line: 7,
    })
  })

  it('survives anything in resources', async () => {
    for (const text of [
      '- a',
      'x',
      '{',
      '"${',
      'a: *b',
      '\u0000',
      'a: {$for: 1}',
      '$part: {}',
      '$component: "${x}"\na: 1',
    ]) {
      expect(
        (await lintPackage(packageOf('', text))).some(({severity}) => severity === 'error'),
        text,
      ).to.equal(true)
    }
    expect(() => renderPackage(packageOf('', '{'), scope)).to.throw(UserError)
  })

  it('reads its own rendered objects as YAML would', () => {
    const [object] = render(config('x: "${toYaml(params.env)}"'))
    expect(parseYaml(String(object?.x))).to.deep.equal({A: '2', Z: '1'})
  })
})
