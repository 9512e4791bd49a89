import {expect} from 'chai'
import {lessen, overlay, remembered, restOf, restsOf, standing} from '../../src/lib/app/halt.ts'
import type {SealedObject} from '../../src/lib/app/seal.ts'
import {parseManifest} from '../../src/lib/package/index.ts'

const suspend = {fields: {spec: {suspend: true}}}

describe('app: what stops an object', () => {
  const cases: [string, string, unknown][] = [
    ['apps/v1', 'Deployment', {replicas: 0}],
    ['v1', 'ReplicationController', {replicas: 0}],
    ['batch/v1', 'CronJob', suspend],
    ['batch/v1', 'Job', suspend],
    ['v1', 'Pod', 'unknown'],
    ['v1', 'Service', 'nothing'],
    ['networking.k8s.io/v1', 'Ingress', 'nothing'],
    ['gateway.networking.k8s.io/v1', 'HTTPRoute', 'nothing'],
    ['example.com/v1', 'Cluster', {fields: {spec: {instances: 0}}}],
    ['cert-manager.io/v1', 'Certificate', 'nothing'],
    ['example.com/v1', 'Other', 'unknown'],
    ['autoscaling/v2', 'HorizontalPodAutoscaler', 'nothing'],
  ]
  const stops = {Cluster: {spec: {instances: 0}}, Certificate: {}}
  for (const [apiVersion, kind, rest] of cases)
    it(`${kind} of ${apiVersion}`, () => expect(restOf({apiVersion, kind}, stops)).to.deep.equal(rest))

  it('no package has to say of a certificate, which berth may have added', () => {
    expect(restOf({apiVersion: 'cert-manager.io/v1', kind: 'Certificate'}, {})).to.equal('nothing')
  })

  it('is remembered by what stands in its place, selectors of nodes as a whole', () => {
    const live = {spec: {suspend: false, template: {spec: {nodeSelector: {disk: 'ssd'}, hostPID: true}}}}
    const fields = {spec: {suspend: true, paused: true, template: {spec: {nodeSelector: {none: 'x'}}}}}
    expect(standing(fields, live)).to.deep.equal({
      spec: {suspend: false, template: {spec: {nodeSelector: {disk: 'ssd'}}}},
    })
    expect(standing(fields, undefined)).to.deep.equal({})
    expect(standing(fields, {spec: 'forged'})).to.deep.equal({})
  })

  it('lies over an object, and can be taken off it', () => {
    const object = {kind: 'CronJob', spec: {suspend: false, schedule: '@daily'}}
    const over = overlay(object, suspend.fields)
    expect(over).to.deep.equal({kind: 'CronJob', spec: {suspend: true, schedule: '@daily'}})
    expect(lessen(over, suspend.fields)).to.deep.equal({kind: 'CronJob', spec: {schedule: '@daily'}})
  })
})

describe('app: what a changed app that is stopped will come back with', () => {
  const manifest = parseManifest('apiVersion: berth.dev/v1\nkind: Package\nname: p\nversion: 1.0.0\n').manifest
  const sealed = (apiVersion: string, kind: string, spec: object, replicas?: number) =>
    ({id: kind, object: {apiVersion, kind, metadata: {name: 'x'}, spec}, replicas}) as unknown as SealedObject
  const objects = [
    sealed('apps/v1', 'Deployment', {}, 2),
    sealed('apps/v1', 'StatefulSet', {}, 3),
    sealed('batch/v1', 'CronJob', {suspend: true}),
    sealed('batch/v1', 'Job', {}),
  ]
  const rests = restsOf(objects, manifest as NonNullable<typeof manifest>)

  it('the count that it had, else that of the package; what its objects say, else what was', () => {
    const before = {Deployment: {replicas: 5}, CronJob: {fields: {spec: {suspend: false}}}, Job: suspend}
    expect(remembered(before, objects, rests, {})).to.deep.equal({
      Deployment: {replicas: 5},
      StatefulSet: {replicas: 3},
      CronJob: suspend,
      Job: suspend,
    })
  })

  it('and a count that was asked for in place of either', () => {
    const next = remembered({Deployment: {replicas: 5}}, objects, rests, {Deployment: {to: 4}})
    expect(next.Deployment).to.deep.equal({replicas: 4})
  })
})
