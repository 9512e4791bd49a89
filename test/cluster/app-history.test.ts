import {expect} from 'chai'
import {createObject} from '../../src/lib/kube/index.ts'
import {apps, ended} from './apps.ts'
import {accountThatMay} from './support.ts'

describe('app history and log: who did what', function () {
  this.timeout(180_000)
  const a = apps()
  const log = async (...args: string[]) => ended(await a.berth(['log', '--json', ...args]), 0).json.result.items
  const brief = (items: {app: string; kind: string; outcome: string}[]) =>
    items.map(({app, kind, outcome}) => `${app.split('/')[1]} ${kind} ${outcome}`)

  it('tells each operation once, the newest first, also of an app that is gone', async () => {
    const namespace = await a.namespace('history')
    const at = ['-n', namespace, '--yes']
    ended(await a.berth(['app', 'install', 'plain', 'p', ...at]), 0)
    ended(await a.berth(['app', 'config', 'p', ...at, '--set', 'text=two']), 0)
    const failing = ['--set', 'image=docker.io/library/none:1', '--on-failure', 'keep']
    expect((await a.berth(['app', 'config', 'p', ...at, ...failing])).exitCode).to.equal(6)
    const {json} = ended(await a.berth(['app', 'history', 'p', '-n', namespace, '--json']), 0)
    expect(brief(json.result.items)).to.deep.equal(['p update failed', 'p update done', 'p install done'])
    const [failed, , installed] = json.result.items
    expect(installed).to.deep.include({revision: 1, package: 'plain 1.0.0', message: null})
    expect(installed.seconds).to.be.greaterThan(0)
    expect(installed.who).to.match(/./)
    expect(failed.message).to.include('Image')
    ended(await a.berth(['app', 'abort', 'p', ...at]), 0)
    ended(await a.berth(['app', 'uninstall', 'p', ...at]), 0)
    ended(
      await a.berth(['app', 'install', 'safe', 's', ...at, '--set-env', 'token=TOKEN'], {env: {TOKEN: 'x'.repeat(20)}}),
      0,
    )
    ended(await a.berth(['app', 'secret', 'get', 's', 'password', '-n', namespace, '--reveal']), 0)
    const gone = ['p uninstall done', 'p update aborted', 'p update failed', 'p update done', 'p install done']
    expect(brief(await log('-n', namespace))).to.deep.equal(['s reveal done', 's install done', ...gone])
    expect(brief(await log('-n', namespace, '--app', 'p'))).to.deep.equal(gone)
    expect(
      brief(ended(await a.berth(['app', 'history', `${namespace}/p`, '--json']), 0).json.result.items),
    ).to.deep.equal(gone)
    expect(await log('-n', namespace, '--since', '1ms')).to.deep.equal([])
    expect(brief(await log('-A'))).to.include.members(gone)
    const people = ended(await a.berth(['log', '-n', namespace, '--app', 's']), 0).stdout
    expect(people)
      .to.match(/WHEN +APP +WHAT +OUTCOME/)
      .and.to.include('was shown password')
    ended(await a.berth(['app', 'history', 'nobody', '-n', namespace, '--json']), 3, 'app.not-found')
  })

  it('is not led astray by an Event that was forged, and tells what it may not see', async () => {
    const namespace = await a.namespace('history')
    const deed = {
      revision: 1,
      kind: 'install',
      who: '\x1b]0;me\x07',
      when: new Date().toISOString(),
      seconds: 1,
      outcome: 'done',
    }
    for (const [name, text] of Object.entries({good: JSON.stringify(deed), bad: '{"kind": 7}', none: 'x'}))
      await createObject(
        a.kube,
        {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: {
            ...{name, namespace, annotations: {'berth.dev/deed': text}},
            labels: {'app.kubernetes.io/managed-by': 'berth', 'berth.dev/kind': 'deed', 'berth.dev/app': 'x'},
          },
          involvedObject: {apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace},
          reason: 'x',
          type: 'Normal',
        },
        {fieldManager: 'test'},
      )
    expect(brief(await log('-n', namespace))).to.deep.equal(['x install done'])
    const {stdout} = ended(await a.berth(['log', '-n', namespace]), 0)
    expect(stdout).to.include('^[]0;me^G').and.to.not.include('\x1b')
    const mayList = {apiGroups: [''], resources: ['configmaps'], verbs: ['list']}
    const kubeconfig = await accountThatMay(a.kube, namespace, [mayList])
    const {json} = ended(await a.berth(['log', '-n', namespace, '--json'], {kubeconfig}), 0)
    expect(json.result.items).to.deep.equal([])
    expect(json.warnings.join()).to.include('apps that are gone')
  })

  it('an operation whose end cannot be recorded is done, with a warning', async () => {
    const namespace = await a.namespace('history')
    const rules = [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]
    const all = rules.map(rule => ({
      ...rule,
      resources: [
        'configmaps',
        'secrets',
        'services',
        'pods',
        'leases',
        'statefulsets',
        'replicasets',
        'persistentvolumeclaims',
        'serviceaccounts',
        'jobs',
      ],
    }))
    const kubeconfig = await accountThatMay(a.kube, namespace, all)
    const install = ['app', 'install', 'plain', 'p', '-n', namespace, '--yes', '--json']
    const {json} = ended(await a.berth(install, {kubeconfig}), 0)
    expect(json.warnings.join()).to.include('berth log will not show this install').and.to.include('create')
    expect(brief(await log('-n', namespace))).to.deep.equal(['p install done'])
  })
})
