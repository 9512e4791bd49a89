import type {ParametersSchema} from '../params/index.ts'

/** What a package is begun with: asked by a form, as a package's own parameters are. */
export const initParameters: ParametersSchema = {
  properties: {
    title: {type: 'string', title: 'Title', minLength: 1, default: '${app.name}'},
    image: {kind: 'image', title: 'Image', default: 'docker.io/nginxinc/nginx-unprivileged:1.29.3'},
    port: {type: 'integer', title: 'Port of its web server', minimum: 1, maximum: 65_535, default: 8080},
    health: {type: 'string', title: 'Path that answers when it is ready', pattern: '^/[!-~]*$', default: '/'},
    data: {type: 'string', title: 'Folder to keep, empty for none', pattern: '^(/[!-~]+)?$', default: '/data'},
    database: {type: 'string', title: 'Database', enum: ['none', 'postgresql', 'mysql', 'redis'], default: 'none'},
  },
}

/** Answers to {@link initParameters}. */
export interface InitAnswers {
  title: string
  image: string
  port: number
  health: string
  data: string
  database: 'none' | 'postgresql' | 'mysql' | 'redis'
}

const fallback = {image: 'docker.io/nginxinc/nginx-unprivileged:1.29.3', port: 8080, health: '/', data: '/data'}

/**
 * The files of a small, complete package that passes lint: a web application with a password, to be changed into one's own. nginx, which
 * is there to be replaced, gets a page and a greeting.
 * @param name a DNS label of at most 40 characters; the caller has checked it
 */
export function initPackage(
  name: string,
  answers: InitAnswers = {...fallback, title: name, database: 'none'},
): Map<string, Uint8Array> {
  const withPage = answers.image.includes('nginx')
  const files = {
    'package.yaml': manifest(name, answers, withPage),
    'resources/app.yaml': app(answers, withPage),
    ...(withPage ? {'resources/config.yaml': config, 'files/index.html': page} : {}),
    'tests/checks.yaml': checks(answers, withPage),
    'README.md': readme(name, withPage),
  }
  return new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]))
}

/** Lines that are there only sometimes. */
const when = (condition: boolean, lines: string) => (condition ? lines : '')
/** In quotes where YAML would read something else. */
const quoted = (text: string) =>
  /^[A-Za-z/][\w ./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text)

const manifest = (name: string, {title, image, port, data, database}: InitAnswers, withPage: boolean) =>
  `# yaml-language-server: $schema=https://berth.dev/schemas/package.schema.json
apiVersion: berth.dev/v1
kind: Package
name: ${name}
version: 0.1.0
appVersion: ${quoted(image.match(/:v?([\w.+-]+)(@.*)?$/)?.[1] ?? '0')}
title: ${quoted(title)}
description: A web application, to begin with
license: Apache-2.0
compatibility: {kubernetes: ">=1.28"}
images:
  web: ${quoted(image)}
parameters:
  required: [host]
  properties:
    host: {kind: hostname, title: Address, default: "\${app.name}.\${cluster.domain}"}
${when(withPage, '    greeting: {type: string, title: Greeting, default: Hello}\n')}\
    password: {kind: secret, title: Password of the administrator, generate: {length: 24}}
${when(data !== '', '    data: {kind: volume, title: Storage, default: {size: 1Gi}}\n')}\
${when(database !== 'none', `    database: {kind: binding, interface: ${database}, title: Database, suggest: [${suggested[database]}]}\n`)}\
components:
  web: {scale: {min: 1, default: 1, max: 1}, profile: small}
provides:
  web: {interface: http, component: web, port: ${port}, publish: {host: "\${params.host}"}}
outputs:
  password: {title: Password, value: "user admin", secret: password}
notes: "Open \${provides.web.url}."
`

const suggested = {none: '', postgresql: 'postgres', mysql: 'mariadb', redis: 'valkey'}

const app = ({port, health, data, database}: InitAnswers, withPage: boolean) =>
  `# Labels, selector, resources and replicas are added by berth, the Service and the Ingress as well.
$component: web
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "\${app.name}-web"
spec:
${when(data !== '', '  strategy: {type: Recreate} # the volume is mounted by one pod at a time\n')}\
  template:
    spec:
      securityContext: {runAsNonRoot: true, runAsUser: 101, fsGroup: 101}
      containers:
        - name: web
          image: "\${images.web}"
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          env:
            - name: PASSWORD
              valueFrom: {secretKeyRef: "\${params.password.ref}"}
${when(
  database !== 'none',
  `            - $if: params.database != null
              name: DATABASE_URL
              valueFrom: {secretKeyRef: "\${params.database.ref.url}"}
`,
)}\
          ports:
            - {name: http, containerPort: ${port}}
          readinessProbe:
            httpGet: {path: ${quoted(health)}, port: http}
${when(withPage || data !== '', '          volumeMounts:\n')}\
${when(withPage, '            - {name: page, mountPath: /usr/share/nginx/html}\n')}\
${when(data !== '', `            - {name: data, mountPath: ${quoted(data)}}\n`)}\
${when(withPage || data !== '', '      volumes:\n')}\
${when(
  withPage,
  `        - name: page
          configMap: {name: "\${app.name}-page"}
`,
)}\
${when(
  data !== '',
  `        - name: data
          persistentVolumeClaim: {claimName: "\${params.data.claim}"}
`,
)}`

const checks = ({health, database}: InitAnswers, withPage: boolean) =>
  `# yaml-language-server: $schema=https://berth.dev/schemas/checks.schema.json
${when(database !== 'none', `providers: {db: ${suggested[database]}}\n`)}\
checks:
  - name: answers
    http: {endpoint: web, path: ${quoted(health)}${when(withPage, ', contains: Hello')}}
`

const config = `apiVersion: v1
kind: ConfigMap
metadata:
  name: "\${app.name}-page"
data:
  index.html: '\${files["index.html"].replace("GREETING", params.greeting)}'
`

const page = `<!doctype html>
<title>GREETING</title>
<h1>GREETING</h1>
`

const readme = (name: string, withPage: boolean) => `# ${name}

A package of [berth](https://berth.dev).

    berth package lint .
    berth package render .${when(withPage, ' --set greeting=Ahoy')}
    berth package test .
    berth app install .
`
