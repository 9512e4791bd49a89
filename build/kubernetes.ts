import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {clusterShapes} from '../src/lib/authoring/cluster-shapes.ts'
import {connect} from '../src/lib/kube/index.ts'
import {root} from './manifest.ts'

/** Writes what lint knows of Kubernetes, from the cluster of KUBECONFIG: `sandbox/sandbox run -- node build/kubernetes.ts`. */
const kube = await connect({env: process.env})
const own = /^[^/]+$|^(?:apps|batch|autoscaling|policy|[a-z.]+\.k8s\.io)\/v\d+$/
const {kinds, types, version} = await clusterShapes(kube, apiVersion => own.test(apiVersion))
const sorted = <T>(record: Record<string, T>) =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
const line = ([name, shape]: [string, unknown]) => `  ${JSON.stringify(name)}: ${JSON.stringify(shape)}`
const lines = (record: Record<string, unknown>) => Object.entries(sorted(record)).map(line).join(',\n')
const file = join(root, 'src/lib/authoring/kubernetes.json')
await writeFile(file, `{"version": "${version}", "kinds": {\n${lines(kinds)}\n}, "types": {\n${lines(types)}\n}}\n`)
kube.close()
