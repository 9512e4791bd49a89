import {expect} from 'chai'
import type {Anchor, Revision} from '../../src/lib/anchor/index.ts'
import {certificatesOf, endingSoon, staleUsers} from '../../src/lib/app/certificates.ts'
import {workloadFault} from '../../src/lib/app/ready.ts'

describe('app: certificates that end', () => {
  const now = Date.parse('2030-01-01T00:00:00Z')
  const day = (n: number) => new Date(now + n * 86_400_000).toISOString()
  const of = (certificates: Record<string, string>, answers: object = {}) =>
    certificatesOf({namespace: 'web', name: 'wiki'}, {certificates, answers} as Revision, [])

  it('a word thirty days before the first of them does, and another once it has', () => {
    expect(endingSoon([], now)).to.equal(undefined)
    expect(endingSoon(of({tls: day(31)}), now)).to.equal(undefined)
    const soon = endingSoon(of({late: day(40), tls: day(29)}), now)
    expect(soon).to.include({reason: 'CertificateEnds', message: `its certificate tls ends at ${day(29)}`})
    expect(endingSoon(of({tls: day(-1)}), now)).to.include({reason: 'CertificateExpired'})
  })

  it('names those who still trust the former one, also where cert-manager makes the next', () => {
    const grant = {consumer: {namespace: 'web', name: 'wiki'}, parameter: 'database', state: 'granted'}
    const told = (before: Partial<Revision>, now: Partial<Revision>) =>
      staleUsers({grants: {grant}} as unknown as Anchor, before as Revision, now as Revision)
    const ends = (tls?: string) => ({certificates: tls === undefined ? {} : {tls}, provides: {}})
    expect(told(ends(day(1)), ends(day(1)))).to.deep.equal([])
    expect(told(ends(day(1)), ends(day(2)))).to.deep.equal([
      {user: 'web/wiki', refresh: 'berth binding refresh wiki database -n web'},
    ])
    expect(told(ends(day(1)), ends())).to.have.length(1)
    expect(told(ends(), ends(day(1)))).to.have.length(0)
    // One of the same authority is no other to those who trust that.
    expect(told({...ends(day(1)), trust: 'a'}, {...ends(day(2)), trust: 'a'})).to.have.length(0)
    expect(told({...ends(day(1)), trust: 'a'}, {...ends(day(2)), trust: 'b'})).to.have.length(1)
  })

  it('a failure of cert-manager counts for what it was of', () => {
    const failed = {type: 'Issuing', status: 'False', reason: 'Failed', message: 'denied', observedGeneration: 1}
    const graceAt = (generation: number) =>
      workloadFault({
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: {name: 'x', generation},
        status: {conditions: [failed]},
      })?.grace
    expect(graceAt(1)).to.equal(0)
    expect(graceAt(2)).to.equal(Number.POSITIVE_INFINITY)
  })

  it('says how another is had, by where it came from', () => {
    const renewal = (answer?: unknown) => of({tls: day(1)}, {tls: answer})[0]?.renew
    expect(renewal()).to.match(/^berth app rotate wiki tls -n web /)
    expect(renewal({$secret: 'web/wildcard'})).to.match(/^berth app sync wiki -n web /)
    expect(renewal({$kept: true})).to.match(/^berth app config wiki -n web --set-env tls=VARIABLE /)
  })
})
