import {expect} from 'chai'
import {berth, inTemporaryHome} from './support.ts'

describe('cluster status', function () {
  this.timeout(20_000)
  const place = inTemporaryHome()

  it('finds a cluster that suits', async () => {
    const {json, exitCode} = await berth`cluster status --json`
    expect(exitCode, JSON.stringify(json)).to.equal(0)
    expect(json.result.checks.map(({name}: {name: string}) => name)).to.deep.equal([
      'version',
      'namespace',
      'permissions',
      'settings',
      'storage-class',
      'ingress-class',
      'metrics',
      'nodes',
    ])
  })

  it('a namespace that is not there: exit 6, with the command that makes it', async () => {
    const {json, exitCode} = await berth`cluster status -n not-there --json`
    expect(exitCode).to.equal(6)
    expect(json.status).to.equal('ok')
    expect(json.result.checks[1]).to.deep.include({
      name: 'namespace',
      status: 'failed',
      remedy: ['kubectl create namespace not-there'],
    })
  })

  it('nobody there: exit 5', async () => {
    place.env.KUBECONFIG = `${place.folder}/kubeconfig`
    const {writeFile} = await import('node:fs/promises')
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      clusters: [{name: 'c', cluster: {server: 'http://127.0.0.1:1'}}],
      contexts: [{name: 'c', context: {cluster: 'c', user: 'c'}}],
      users: [{name: 'c', user: {}}],
    }
    await writeFile(place.env.KUBECONFIG, JSON.stringify(config))
    const {json, exitCode} = await berth`cluster status --json`
    expect(exitCode).to.equal(5)
    expect(json.error.code).to.equal('cluster.unreachable')
  })

  it('no kubeconfig: exit 2', async () => {
    place.env.KUBECONFIG = undefined
    expect((await berth`cluster status --json`).json.error.code).to.equal('cluster.no-config')
  })
})
