import {expect} from 'chai'
import type {RemoteError} from '../../src/lib/errors.ts'
import {rulesAllow} from '../../src/lib/kube/access.ts'
import {unreachable} from '../../src/lib/kube/errors.ts'
import {exitOf, framesOf} from '../../src/lib/kube/exec-protocol.ts'
import {requestInfo} from '../../src/lib/kube/request-info.ts'
import {isConflict, isForbidden, isGone, isManagerConflict, isNotFound, remoteError} from '../../src/lib/kube/status.ts'
import type {KubeRequest} from '../../src/lib/kube/types.ts'
import {warningsOf} from '../../src/lib/kube/write.ts'

const target = {context: 'prod', server: 'https://k:6443', namespace: 'default', user: 'ada'}
const refuse = (code: number, status: object | string, request: Partial<KubeRequest> = {}): RemoteError =>
  remoteError(target, {method: 'GET', path: '/api/v1/namespaces/web/pods/x', ...request}, code, status)

describe('kube: what the API server refuses', () => {
  it('takes requests apart as RBAC does', () => {
    const of = (method: KubeRequest['method'], path: string, query = {}) => {
      const {verb, group, resource, namespace, name} = requestInfo({method, path, query})
      return [verb, group, resource, namespace, name].map(each => each ?? '-').join(' ')
    }
    expect(of('GET', '/api/v1/namespaces/web/pods')).to.equal('list  pods web -')
    expect(of('GET', '/api/v1/pods', {watch: true})).to.equal('watch  pods - -')
    expect(of('GET', '/api/v1/namespaces/web')).to.equal('get  namespaces - web')
    expect(of('PATCH', '/apis/apps/v1/namespaces/web/deployments/a/scale')).to.equal(
      'patch apps deployments/scale web a',
    )
    expect(of('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles')).to.equal(
      'create rbac.authorization.k8s.io clusterroles - -',
    )
    expect(of('DELETE', '/api/v1/namespaces/web/configmaps/a.b')).to.equal('delete  configmaps web a.b')
  })

  it('names the missing rule and how to give it', () => {
    const error = refuse(403, {
      reason: 'Forbidden',
      message:
        'pods "x" is forbidden: User "system:serviceaccount:ci:deploy" cannot create resource "pods/exec" in API group "" in the namespace "web"',
    })
    expect(error.code).to.equal('cluster.forbidden')
    expect(isForbidden(error)).to.equal(true)
    expect(error.message).to.equal('system:serviceaccount:ci:deploy may not create pods/exec in the namespace web')
    expect(error.details).to.deep.include({rule: {apiGroups: [''], resources: ['pods/exec'], verbs: ['create']}})
    expect(error.hint).to.deep.equal([
      'kubectl create role create-pods-exec --verb=create --resource=pods/exec -n web',
      'kubectl create rolebinding create-pods-exec --role=create-pods-exec --serviceaccount=ci:deploy -n web',
    ])
  })

  it('does the same for the whole cluster, groups, and odd user names', () => {
    const message = `storageclasses.storage.k8s.io is forbidden: User "Ada L'ovelace" cannot list resource "storageclasses" in API group "storage.k8s.io" at the cluster scope`
    const error = refuse(403, {reason: 'Forbidden', message}, {path: '/apis/storage.k8s.io/v1/storageclasses'})
    expect(error.hint).to.deep.equal([
      'kubectl create clusterrole list-storageclasses-storage-k8s-io --verb=list --resource=storageclasses.storage.k8s.io',
      `kubectl create clusterrolebinding list-storageclasses-storage-k8s-io --clusterrole=list-storageclasses-storage-k8s-io --user='Ada L'\\''ovelace'`,
    ])
  })

  it('tells the other 403s from missing permissions', () => {
    expect(
      refuse(403, {reason: 'Forbidden', message: 'pods "x" is forbidden: exceeded quota: q, requested: cpu=1'}).code,
    ).to.equal('quota.exceeded')
    expect(
      refuse(403, {reason: 'Forbidden', message: 'pods "x" is forbidden: violates PodSecurity "restricted:latest"'})
        .code,
    ).to.equal('cluster.rejected')
    expect(
      refuse(403, {
        reason: 'Forbidden',
        message: 'user "a" (groups=["b"]) is attempting to grant RBAC permissions not currently held',
      }).code,
    ).to.equal('cluster.forbidden')
  })

  it('says which manager owns which field', () => {
    const causes = [
      {reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using apps/v1', field: '.spec.replicas'},
    ]
    const error = refuse(409, {reason: 'Conflict', message: 'Apply failed with 1 conflict', details: {causes}})
    expect(error.code).to.equal('object.conflict')
    expect(error.details).to.deep.nested.include({
      'conflicts[0].manager': 'kubectl',
      'conflicts[0].field': '.spec.replicas',
    })
    expect([isManagerConflict(error), isConflict(error)]).to.deep.equal([true, false])
    expect(isConflict(refuse(409, {reason: 'Conflict', message: 'the object has been modified'}))).to.equal(true)
  })

  it('maps the rest', () => {
    const namespace = refuse(404, {
      reason: 'NotFound',
      message: 'namespaces "web" not found',
      details: {kind: 'namespaces', name: 'web'},
    })
    expect([namespace.code, namespace.hint[0]]).to.deep.equal(['namespace.not-found', 'kubectl create namespace web'])
    expect(isNotFound(refuse(404, {reason: 'NotFound', message: 'pods "x" not found'}))).to.equal(true)
    expect(refuse(401, {}).code).to.equal('cluster.unauthorized')
    expect(isGone(refuse(410, {reason: 'Expired', message: 'too old'}))).to.equal(true)
    expect(refuse(429, {message: 'slow down'}).code).to.equal('cluster.unavailable')
    expect(refuse(503, 'upstream connect error').message).to.equal('HTTP 503: upstream connect error')
    expect(refuse(502, '<html><body>Bad gateway').message).to.equal('HTTP 502 without an explanation')
  })

  it('never repeats what the server quotes of a Secret', () => {
    const secret = {
      method: 'PATCH',
      path: '/api/v1/namespaces/web/secrets/db',
      body: {data: {password: 'aHVudGVyMg=='}},
    } as const
    const causes = [{reason: 'FieldValueInvalid', message: 'Invalid value: "hunter2"', field: 'data[password]'}]
    for (const [code, reason] of [
      [400, 'BadRequest'],
      [422, 'Invalid'],
      [500, 'InternalError'],
      [500, 'InternalError'],
    ] as const) {
      const error = refuse(
        code,
        {reason, message: '.data: expected string, got &value{hunter2}', details: {causes}},
        secret,
      )
      expect(JSON.stringify([error.message, error.details, error.hint])).not.to.match(/hunter2|aHVudGVyMg/)
      expect(error.message).to.contain('data[password]')
    }
    expect(refuse(409, {reason: 'AlreadyExists', message: 'secrets "db" already exists'}, secret).message).to.equal(
      'secrets "db" already exists',
    )
    expect(refuse(502, 'echo hunter2', secret).message).not.to.contain('hunter2')
  })

  it('says why a server does not answer, and what to look at', () => {
    const why = (code: string, message = '') => unreachable(target, Object.assign(new Error(message), {code}))
    for (const code of [
      'ECONNREFUSED',
      'ENOTFOUND',
      'ETIMEDOUT',
      'CERT_HAS_EXPIRED',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'EPROTO',
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ]) {
      const error = why(code)
      expect(error.code).to.equal('cluster.unreachable')
      expect(error.reason).to.equal(code)
      expect(error.message).to.match(/^the API server https:\/\/k:6443 \(context prod\) does not answer: ./)
      expect(error.hint).to.have.length(1)
    }
  })
})

describe('kube: small protocols', () => {
  it('reads Warning headers: several, quoted, each once', () => {
    expect(warningsOf('299 - "a, \\"b\\"", 299 - "c", 299 - "c"')).to.deep.equal(['a, "b"', 'c'])
    expect(warningsOf(['299 - "x"', '299 - "y"'])).to.deep.equal(['x', 'y'])
    expect(warningsOf(undefined)).to.deep.equal([])
  })

  it('reads exit codes, and takes nothing else for one', () => {
    const exit = (status: unknown) =>
      exitOf(Buffer.from(typeof status === 'string' ? status : JSON.stringify(status)), 'web/x')
    expect(exit({status: 'Success'})).to.deep.equal({exitCode: 0})
    const failed = {
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: {causes: [{reason: 'ExitCode', message: '137'}]},
    }
    expect(exit(failed)).to.deep.equal({exitCode: 137})
    expect(() => exit({...failed, details: {}})).to.throw(/did not run to its end/)
    expect(() => exit({status: 'Failure', reason: 'InternalError', message: 'no such container'})).to.throw(
      /no such container/,
    )
    const away =
      'Internal error occurred: error sending request: Post "https://10.99.0.2:10250/exec/db/pg-0/pg?command=sh": dial tcp'
    expect(() => exit({status: 'Failure', reason: 'InternalError', message: away})).to.throw(
      /end: the node at 10.99.0.2:10250 cannot be asked: dial tcp$/,
    )
    expect(() => exit('{"stat')).to.throw(/cannot be read/)
    expect(() => exit({})).to.throw(/did not run/)
  })

  it('cuts stdin into frames of at most 64 KiB', async () => {
    const sizes: number[] = []
    let sum = 0
    for await (const frame of framesOf(Buffer.alloc(200_000, 7))) {
      sizes.push(frame.length)
      sum += frame.length - 1
      expect(frame[0]).to.equal(0)
    }
    expect(Math.max(...sizes)).to.equal(65_536)
    expect(sum).to.equal(200_000)
  })

  it('reads rules as RBAC does', () => {
    const rules = {
      incomplete: false,
      rules: [
        {verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods', 'deployments/scale'], resourceNames: []},
        {verbs: ['*'], apiGroups: ['batch'], resources: ['*/status'], resourceNames: ['one']},
      ],
    }
    const may = (verb: string, group: string, resource: string, subresource?: string, name?: string) =>
      rulesAllow(rules, {verb, group, resource, ...(subresource && {subresource}), ...(name && {name})})
    expect(may('get', '', 'pods')).to.equal(true)
    expect(may('get', '', 'pods', 'log')).to.equal(false)
    expect(may('get', 'apps', 'deployments', 'scale')).to.equal(true)
    expect(may('delete', '', 'pods')).to.equal(false)
    expect(may('patch', 'batch', 'jobs', 'status', 'one')).to.equal(true)
    expect(may('patch', 'batch', 'jobs', 'status')).to.equal(false)
  })
})
