/**
 * The files of a small, complete package that passes lint: a web application with a setting, a password and a volume, to be changed into
 * one's own.
 * @param name a DNS label of at most 40 characters; the caller has checked it
 */
export function initPackage(name: string): Map<string, Uint8Array> {
  const files = {
    'package.yaml': manifest(name),
    'resources/app.yaml': app,
    'resources/config.yaml': config,
    'files/index.html': page,
    'README.md': readme(name),
  }
  return new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]))
}

const manifest = (name: string) => `apiVersion: berth.dev/v1
kind: Package
name: ${name}
version: 0.1.0
appVersion: "1.29"
title: ${name}
description: A web server, to begin with
license: Apache-2.0
compatibility: {kubernetes: ">=1.28"}
images:
  web: docker.io/nginxinc/nginx-unprivileged:1.29.3
parameters:
  required: [host]
  properties:
    host: {kind: hostname, title: Address, default: "\${app.name}.\${cluster.domain}"}
    greeting: {type: string, title: Greeting, default: Hello}
    password: {kind: secret, title: Password of the page /private, generate: {length: 24}}
    data: {kind: volume, title: Storage, default: {size: 1Gi}}
components:
  web: {scale: {min: 1, default: 1, max: 1}, profile: small}
provides:
  web: {interface: http, component: web, port: 8080, publish: {host: "\${params.host}"}}
outputs:
  password: {title: Password, value: "user admin", secret: password}
notes: "Open \${provides.web.url}."
`

const app = `# Labels, selector, resources and replicas are added by berth, the Service and the Ingress as well.
$component: web
apiVersion: apps/v1
kind: Deployment
metadata:
  name: "\${app.name}-web"
spec:
  strategy: {type: Recreate} # the volume is mounted by one pod at a time
  template:
    spec:
      securityContext: {runAsNonRoot: true, fsGroup: 101}
      containers:
        - name: nginx
          image: "\${images.web}"
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          env:
            - name: PASSWORD
              valueFrom: {secretKeyRef: "\${params.password.ref}"}
          ports:
            - {name: http, containerPort: 8080}
          readinessProbe:
            httpGet: {path: /, port: http}
          volumeMounts:
            - {name: page, mountPath: /usr/share/nginx/html}
            - {name: data, mountPath: /data}
      volumes:
        - name: page
          configMap: {name: "\${app.name}-page"}
        - name: data
          persistentVolumeClaim: {claimName: "\${params.data.claim}"}
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

const readme = (name: string) => `# ${name}

A package of [berth](https://berth.dev).

    berth package lint .
    berth package render . --set greeting=Ahoy
    berth app install .
`
