import {setTimeout as sleep} from 'node:timers/promises'
import {generateKey, writeKey} from '../../src/lib/keys/index.ts'
import {createObject, getObject, type Kube, type KubeObject} from '../../src/lib/kube/index.ts'

/** A PostgreSQL that no berth knows, with a certificate of its own: what its clients connect to and have to trust. */
export async function servePostgres(
  kube: Kube,
  namespace: string,
  password: string,
): Promise<{host: string; ca: string}> {
  const host = `secured.${namespace}.svc`
  const key = await generateKey({algorithm: 'tls', hosts: [host], days: 30})
  const ca = writeKey(key, 'certificate')
  const metadata = {name: 'secured', namespace, labels: {'app.kubernetes.io/instance': 'secured'}}
  const create = (object: KubeObject) => createObject(kube, object, {fieldManager: 'test'})
  const stringData = {'tls.crt': ca, 'tls.key': writeKey(key, 'privateKey'), password}
  await create({apiVersion: 'v1', kind: 'Secret', metadata, stringData})
  const ports = [{port: 5432}]
  await create({apiVersion: 'v1', kind: 'Service', metadata, spec: {selector: metadata.labels, ports}})
  const settings = ['ssl=on', 'ssl_cert_file=/tls/tls.crt', 'ssl_key_file=/tls/tls.key']
  const container = {
    name: 'server',
    image: 'docker.io/library/postgres:15',
    args: settings.flatMap(setting => ['-c', setting]),
    env: [
      {name: 'POSTGRES_PASSWORD', valueFrom: {secretKeyRef: {name: 'secured', key: 'password'}}},
      {name: 'PGDATA', value: '/data/pgdata'},
    ],
    readinessProbe: {exec: {command: ['pg_isready', '-q', '-h', '127.0.0.1', '-U', 'postgres']}, periodSeconds: 1},
    volumeMounts: [
      {name: 'data', mountPath: '/data'},
      {name: 'tls', mountPath: '/tls'},
    ],
  }
  const volumes = [
    {name: 'data', emptyDir: {}},
    {name: 'tls', secret: {secretName: 'secured', defaultMode: 0o440}},
  ]
  const securityContext = {runAsUser: 999, runAsGroup: 999, fsGroup: 999}
  await create({apiVersion: 'v1', kind: 'Pod', metadata, spec: {containers: [container], volumes, securityContext}})
  const pod = {apiVersion: 'v1', kind: 'Pod', namespace, name: 'secured'}
  for (let tries = 0; tries < 200; tries++) {
    const {conditions = []} = (await getObject(kube, pod)).status as {conditions?: {type: string; status: string}[]}
    if (conditions.some(({type, status}) => type === 'Ready' && status === 'True')) return {host, ca}
    await sleep(300)
  }
  throw new Error('the server outside did not come up')
}
