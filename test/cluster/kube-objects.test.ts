import {expect} from 'chai'
import {
  applyObject,
  canI,
  connect,
  createObject,
  deleteObject,
  eventsOf,
  findObject,
  getObject,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isInvalid,
  isManagerConflict,
  isNotFound,
  isUnknownKind,
  jsonPatch,
  type KubeObject,
  listMetadata,
  listObjects,
  listTable,
  mergePatch,
  readScale,
  replaceObject,
  rulesAllow,
  rulesIn,
  scaleObject,
  serverVersion,
  whoAmI,
} from '../../src/lib/kube/index.ts'
import {connectThroughFaults, failure, suite, untilGone} from './support.ts'

const write = {fieldManager: 'test'}

describe('kube: objects', function () {
  this.timeout(30_000)
  const s = suite('kube-objects')
  const configMap = (name: string, data: Record<string, string> = {}, more: object = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name, namespace: s.namespace, ...more},
    data,
  })
  const ref = (name: string) => ({apiVersion: 'v1', kind: 'ConfigMap', namespace: s.namespace, name})
  const deployment = (name: string, more: object = {}): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name, namespace: s.namespace},
    spec: {
      selector: {matchLabels: {app: name}},
      template: {metadata: {labels: {app: name}}, spec: {containers: [{name: 'c', image: 'busybox'}]}},
      ...more,
    },
  })

  it('knows the server, and whom the server takes us for', async () => {
    expect((await serverVersion(s.kube)).minor).to.be.at.least(28)
    expect((await whoAmI(s.kube)).groups).to.include('system:authenticated')
  })

  it('creates, reads, replaces as a compare-and-swap, patches, deletes', async () => {
    const created = await createObject(s.kube, configMap('one', {a: '1'}), write)
    expect(isAlreadyExists(await failure(createObject(s.kube, configMap('one'), write)))).to.equal(true)
    const replaced = await replaceObject(s.kube, {...created, data: {a: '2'}}, write)
    expect(replaced.data).to.deep.equal({a: '2'})
    expect(isConflict(await failure(replaceObject(s.kube, {...created, data: {a: '3'}}, write)))).to.equal(true)
    expect((await mergePatch(s.kube, ref('one'), {data: {b: '1', a: null}}, write)).data).to.deep.equal({b: '1'})
    const swap = (from: string, to: string) => [
      {op: 'test' as const, path: '/data/b', value: from},
      {op: 'replace' as const, path: '/data/b', value: to},
    ]
    expect((await jsonPatch(s.kube, ref('one'), swap('1', '2'), write)).data).to.deep.equal({b: '2'})
    expect(isInvalid(await failure(jsonPatch(s.kube, ref('one'), swap('1', '3'), write)))).to.equal(true)
    expect((await getObject(s.kube, ref('one'))).data).to.deep.equal({b: '2'})
    expect(await deleteObject(s.kube, ref('one'))).to.equal(true)
    expect(await deleteObject(s.kube, ref('one'))).to.equal(false)
    expect(await findObject(s.kube, ref('one'))).to.equal(undefined)
    expect(isNotFound(await failure(getObject(s.kube, ref('one'))))).to.equal(true)
  })

  it('deletes only the object that was meant', async () => {
    const first = await createObject(s.kube, configMap('reborn'), write)
    await deleteObject(s.kube, ref('reborn'))
    await createObject(s.kube, configMap('reborn'), write)
    const uid = first.metadata.uid ?? ''
    expect(isConflict(await failure(deleteObject(s.kube, ref('reborn'), {uid})))).to.equal(true)
    expect(await deleteObject(s.kube, ref('reborn'), {dryRun: true})).to.equal(true)
    expect(await findObject(s.kube, ref('reborn'))).not.to.equal(undefined)
  })

  it('applies: created or not, warnings, strict fields, dry run, conflicts by manager and field, force', async () => {
    const apply = (data: Record<string, string>, fieldManager: string, more = {}) =>
      applyObject(s.kube, configMap('applied', data), {fieldManager, ...more})
    expect((await apply({a: '1'}, 'ada', {dryRun: true})).created).to.equal(true)
    expect(await findObject(s.kube, ref('applied'))).to.equal(undefined)
    expect((await apply({a: '1'}, 'ada')).created).to.equal(true)
    expect((await apply({a: '1'}, 'ada')).created).to.equal(false)
    const error = await failure(apply({a: '2'}, 'bob'))
    expect(isManagerConflict(error)).to.equal(true)
    expect(error.details).to.deep.nested.include({'conflicts[0].manager': 'ada', 'conflicts[0].field': '.data.a'})
    expect((await apply({a: '2'}, 'bob', {force: true})).object.data).to.deep.equal({a: '2'})
    const odd = deployment('odd', {replica: 3})
    expect((await failure(applyObject(s.kube, odd, write))).message).to.contain('replica')
    const {warnings} = await applyObject(
      s.kube,
      deployment('old', {
        template: {
          metadata: {labels: {app: 'old'}},
          spec: {containers: [{name: 'c', image: 'busybox'}], nodeSelector: {'beta.kubernetes.io/os': 'linux'}},
        },
      }),
      {...write, dryRun: true},
    )
    expect(warnings.join()).to.contain('beta.kubernetes.io/os')
  })

  it('names a namespace that is not there, and a kind that is not known', async () => {
    const nowhere = {...configMap('x'), metadata: {name: 'x', namespace: 'no-such-namespace'}}
    expect((await failure(createObject(s.kube, nowhere, write))).code).to.equal('namespace.not-found')
    const error = await failure(listObjects(s.kube, {apiVersion: 'apps/v1', kind: 'Deploymnet'}))
    expect(isUnknownKind(error)).to.equal(true)
    expect(error.message).to.contain('did you mean Deployment?')
    expect(isUnknownKind(await failure(listObjects(s.kube, {apiVersion: 'no.such/v1', kind: 'Thing'})))).to.equal(true)
  })

  it('never shows what a refused Secret holds', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: 'bad', namespace: s.namespace},
      stringData: {password: {nested: 'hunter2'}},
      data: {x: 'hunter2!'},
    }
    for (const attempt of [createObject(s.kube, secret, write), applyObject(s.kube, secret, write)]) {
      const error = await failure(attempt)
      expect(error.code).to.equal('cluster.rejected')
      expect(JSON.stringify([error.message, error.details, error.hint, String(error.cause)])).not.to.contain('hunter2')
    }
  })

  it('scales through the subresource, and only what was seen', async () => {
    await createObject(s.kube, deployment('scaled', {replicas: 0}), write)
    const target = {apiVersion: 'apps/v1', kind: 'Deployment', namespace: s.namespace, name: 'scaled'}
    const seen = await readScale(s.kube, target)
    expect(seen).to.deep.include({wanted: 0, selector: 'app=scaled'})
    expect((await scaleObject(s.kube, target, 2, write)).wanted).to.equal(2)
    expect(
      isConflict(await failure(scaleObject(s.kube, target, 5, {...write, resourceVersion: seen.resourceVersion}))),
    ).to.equal(true)
    await scaleObject(s.kube, target, 0, write)
  })

  it('reads the events of this very object', async () => {
    const object = await createObject(s.kube, configMap('subject'), write)
    const event = (name: string, uid: string | undefined, reason: string) =>
      createObject(
        s.kube,
        {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: {name, namespace: s.namespace},
          involvedObject: {kind: 'ConfigMap', namespace: s.namespace, name: 'subject', uid},
          reason,
          message: 'm',
          type: 'Warning',
          count: 3,
          lastTimestamp: new Date().toISOString(),
          source: {component: 'test'},
        },
        write,
      )
    await event('e1', object.metadata.uid, 'Mine')
    await event('e2', 'another', 'Older')
    const events = await eventsOf(s.kube, object)
    expect(events.map(({reason, count, source, type}) => ({reason, count, source, type}))).to.deep.equal([
      {reason: 'Mine', count: 3, source: 'test', type: 'Warning'},
    ])
  })

  describe('custom resources', () => {
    const group = `kube${Date.now()}.berth.test`
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {name: `things.${group}`},
      spec: {
        group,
        scope: 'Namespaced',
        names: {plural: 'things', singular: 'thing', kind: 'Thing'},
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: {type: 'object', 'x-kubernetes-preserve-unknown-fields': true},
                  status: {type: 'object', 'x-kubernetes-preserve-unknown-fields': true},
                },
              },
            },
          },
        ],
      },
    }
    after(() => deleteObject(s.kube, {...crd, name: crd.metadata.name}))

    it('finds a kind that came after it had looked, and loses no field and no digit of it', async () => {
      const kind = {apiVersion: `${group}/v1`, kind: 'Thing'}
      expect(isUnknownKind(await failure(listObjects(s.kube, kind)))).to.equal(true)
      await createObject(s.kube, crd, write)
      for (let i = 0; i < 100; i++) {
        if (
          await s.kube.resourceOf(kind).then(
            () => true,
            () => false,
          )
        )
          break
        await new Promise(resolve => setTimeout(resolve, 100))
      }
      const spec = {
        unknown: {deeper: [{ünïcode: '☃', empty: {}, none: [], nothing: '', zero: 0, no: false}]},
        big: 9007199254740993n,
        biggest: 9223372036854775807n,
        float: 0.1,
        '$dollar.and/slash~tilde': 1,
      }
      const thing = {...kind, metadata: {name: 'thing', namespace: s.namespace}, spec}
      // Established comes a moment before it is served everywhere.
      let created: KubeObject | undefined
      for (let i = 0; created === undefined && i < 50; i++) {
        created = await createObject(s.kube, thing, write).catch(() => undefined)
        if (created === undefined) await new Promise(resolve => setTimeout(resolve, 100))
      }
      expect(created?.spec).to.deep.equal(spec)
      const where = {...kind, namespace: s.namespace, name: 'thing'}
      expect((await getObject(s.kube, where)).spec).to.deep.equal(spec)
      const again = await replaceObject(s.kube, await getObject(s.kube, where), write)
      expect(again.spec).to.deep.equal(spec)
      const applied = await applyObject(
        s.kube,
        {...thing, spec: {big: 9007199254740995n}},
        {fieldManager: 'other', force: true},
      )
      expect(applied.object.spec).to.deep.equal({...spec, big: 9007199254740995n})
      expect((await listObjects(s.kube, kind)).items[0]?.spec).to.deep.equal({...spec, big: 9007199254740995n})
      await deleteObject(s.kube, where)
    })
  })

  describe('lists', () => {
    const count = 1203
    before(async function () {
      this.timeout(60_000)
      const names = Array.from({length: count}, (_, i) => `many-${i}`).values()
      const worker = async () => {
        for (const name of names) await createObject(s.kube, configMap(name, {x: 'y'}, {labels: {many: 'yes'}}), write)
      }
      await Promise.all(Array.from({length: 8}, worker))
    })
    const kind = {apiVersion: 'v1', kind: 'ConfigMap'}

    it('follows pages: whole objects, metadata alone, tables', async () => {
      const options = {namespace: s.namespace, labelSelector: 'many=yes'}
      const whole = await listObjects(s.kube, kind, options)
      expect(whole.items).to.have.length(count)
      expect(whole.items[7]).to.deep.include({...kind, data: {x: 'y'}})
      const metadata = await listMetadata(s.kube, kind, options)
      expect(new Set(metadata.items.map(item => item.metadata.name)).size).to.equal(count)
      expect(metadata.items[7]).to.have.keys('apiVersion', 'kind', 'metadata')
      expect(Number(metadata.resourceVersion)).to.be.above(0)
      const cached = await listMetadata(s.kube, kind, {...options, cached: true})
      expect(cached.items.map(item => item.metadata.uid)).to.have.members(metadata.items.map(item => item.metadata.uid))
      const table = await listTable(s.kube, kind, options)
      expect(table.columns).to.deep.equal(['Name', 'Data', 'Age'])
      expect(table.rows).to.have.length(count)
      expect(table.rows[0]?.metadata.labels).to.deep.equal({many: 'yes'})
      expect(
        (await listObjects(s.kube, kind, {namespace: s.namespace, fieldSelector: 'metadata.name=many-3'})).items,
      ).to.have.length(1)
    })

    it('starts again where a page has expired, in the end without pages', async () => {
      const {kube, proxy, close} = await connectThroughFaults()
      try {
        const expired = {
          answer: 410,
          body: JSON.stringify({kind: 'Status', reason: 'Expired', message: 'too old', code: 410}),
        }
        proxy.inject({on: /continue=/, skip: 1, fault: expired})
        expect(
          (await listMetadata(kube, kind, {namespace: s.namespace, labelSelector: 'many=yes'})).items,
        ).to.have.length(count)
        proxy.inject({on: /continue=/, times: 2, fault: expired})
        expect(
          (await listMetadata(kube, kind, {namespace: s.namespace, labelSelector: 'many=yes'})).items,
        ).to.have.length(count)
        expect(proxy.requests.at(-1)).not.to.contain('limit=')
      } finally {
        await close()
      }
    })
  })

  describe('permissions', () => {
    const as = (user: string) => connectAs(user)
    async function connectAs(user: string) {
      const {kube, kubeconfig, close} = await connectThroughFaults()
      kube.close()
      const {readFile, writeFile} = await import('node:fs/promises')
      const config = JSON.parse(await readFile(kubeconfig, 'utf8'))
      config.users[0].user.as = user
      await writeFile(kubeconfig, JSON.stringify(config))
      return {kube: await connect({kubeconfig, namespace: s.namespace}), close}
    }

    it('says what is missing; asks what is allowed, rule by rule and all at once', async () => {
      const {kube, close} = await as(`system:serviceaccount:${s.namespace}:worker`)
      try {
        const error = await failure(
          listObjects(kube, {apiVersion: 'apps/v1', kind: 'Deployment'}, {namespace: s.namespace}),
        )
        expect(isForbidden(error)).to.equal(true)
        expect(error.message).to.equal(
          `system:serviceaccount:${s.namespace}:worker may not list deployments (apps) in the namespace ${s.namespace}`,
        )
        expect(error.hint).to.deep.equal([
          `kubectl create role list-deployments-apps --verb=list --resource=deployments.apps -n ${s.namespace}`,
          `kubectl create rolebinding list-deployments-apps --role=list-deployments-apps --serviceaccount=${s.namespace}:worker -n ${s.namespace}`,
        ])
        const rbac = 'rbac.authorization.k8s.io'
        const role = {
          apiVersion: `${rbac}/v1`,
          kind: 'Role',
          metadata: {name: 'r', namespace: s.namespace},
          rules: [{apiGroups: ['apps'], resources: ['deployments'], verbs: ['list']}],
        }
        await createObject(s.kube, role, write)
        await createObject(
          s.kube,
          {
            apiVersion: `${rbac}/v1`,
            kind: 'RoleBinding',
            metadata: {name: 'r', namespace: s.namespace},
            roleRef: {apiGroup: rbac, kind: 'Role', name: 'r'},
            subjects: [{kind: 'ServiceAccount', name: 'worker', namespace: s.namespace}],
          },
          write,
        )
        const access = {group: 'apps', resource: 'deployments', namespace: s.namespace}
        const questions = [
          {...access, verb: 'list'},
          {...access, verb: 'delete'},
          {...access, verb: 'list', namespace: 'default'},
        ]
        let answers = await canI(kube, questions)
        for (let i = 0; i < 50 && answers[0]?.allowed !== true; i++) {
          await new Promise(resolve => setTimeout(resolve, 100))
          answers = await canI(kube, questions)
        }
        expect(answers.map(answer => answer.allowed)).to.deep.equal([true, false, false])
        const rules = await rulesIn(kube, s.namespace)
        expect(questions.slice(0, 2).map(question => rulesAllow(rules, question))).to.deep.equal([true, false])
      } finally {
        await close()
      }
    })
  })

  it('does not try again what will stay wrong', async () => {
    const started = performance.now()
    await failure(applyObject(s.kube, deployment('odd', {replica: 3}), write))
    expect(performance.now() - started).to.be.below(1000)
  })

  it('waits for an object to go', async () => {
    await createObject(s.kube, configMap('fading', {}, {finalizers: ['berth.test/hold']}), write)
    await deleteObject(s.kube, ref('fading'))
    const gone = untilGone(s.kube, ref('fading'))
    await mergePatch(s.kube, ref('fading'), {metadata: {finalizers: null}}, write)
    await gone
  })
})
