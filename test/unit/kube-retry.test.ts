import {expect} from 'chai'
import fc from 'fast-check'
import {RemoteError} from '../../src/lib/errors.ts'
import {backoff, type Circumstances, delayBeforeRetry, retryAfterOf} from '../../src/lib/kube/retry.ts'

const calm: Circumstances = {failed: 1, elapsed: 0, patience: 60_000, repeatable: true, known: true, random: 0.5}
const lost = (code: string, sent = true) =>
  ({ended: 'lost', error: Object.assign(new Error(code), {code}), sent}) as const
const refused = (status: number, retryAfter?: number) =>
  ({ended: 'refused', error: new RemoteError('cluster.unavailable', {message: 'x'}), status, retryAfter}) as const

describe('kube: retries', () => {
  it('reads Retry-After as seconds or as a date, and nothing else', () => {
    const now = Date.parse('2026-01-01T00:00:00Z')
    expect(retryAfterOf({'retry-after': '3'}, now)).to.equal(3000)
    expect(retryAfterOf({'retry-after': ' 0 '}, now)).to.equal(0)
    expect(retryAfterOf({'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT'}, now)).to.equal(5000)
    expect(retryAfterOf({'retry-after': 'Thu, 01 Jan 2020 00:00:05 GMT'}, now)).to.equal(0)
    expect(retryAfterOf({'retry-after': 'soon'}, now)).to.equal(undefined)
    expect(retryAfterOf({}, now)).to.equal(undefined)
  })

  it('doubles up to ten seconds, between half and whole (property)', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 1000}), fc.double({min: 0, max: 0.999, noNaN: true}), (failed, random) => {
        const whole = Math.min(10_000, 200 * 2 ** (failed - 1))
        expect(backoff(failed, random)).to.be.within(whole / 2, whole)
      }),
    )
  })

  it('never repeats a write that may have had its effect', () => {
    const write = {...calm, repeatable: false}
    for (const code of ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])
      expect(delayBeforeRetry(lost(code), write)).to.equal(undefined)
    for (const status of [500, 502, 503, 504])
      expect(delayBeforeRetry(refused(status, 1000), write)).to.equal(undefined)
  })

  it('repeats any write that was not sent or was turned away with 429', () => {
    const write = {...calm, repeatable: false}
    expect(delayBeforeRetry(lost('ECONNREFUSED', false), write)).to.be.a('number')
    expect(delayBeforeRetry(lost('ETIMEDOUT', false), write)).to.be.a('number')
    expect(delayBeforeRetry(refused(429, 1000), write)).to.be.within(1000, 1500)
  })

  it('waits as long as the server asks, within its patience (property)', () => {
    fc.assert(
      fc.property(fc.nat(120_000), fc.nat(120_000), (retryAfter, elapsed) => {
        const wait = delayBeforeRetry(refused(503, retryAfter), {...calm, elapsed})
        if (wait === undefined) expect(elapsed + retryAfter * 1.5 + 1).to.be.above(60_000)
        else expect(wait).to.be.within(retryAfter, 60_000 - elapsed)
      }),
    )
  })

  it('takes a wrong address for one at once, and a restart for a restart', () => {
    expect(delayBeforeRetry(lost('ECONNREFUSED', false), {...calm, known: false})).to.equal(undefined)
    expect(delayBeforeRetry(lost('ECONNREFUSED', false), {...calm, failed: 20, elapsed: 30_000})).to.be.a('number')
    expect(delayBeforeRetry(lost('ECONNRESET'), {...calm, known: false})).to.be.a('number')
    expect(delayBeforeRetry(lost('ECONNRESET'), {...calm, known: false, failed: 3})).to.equal(undefined)
  })

  it('does not repeat what will stay wrong', () => {
    for (const code of ['CERT_HAS_EXPIRED', 'EPROTO', 'ERR_TLS_CERT_ALTNAME_INVALID'])
      expect(delayBeforeRetry(lost(code, false), calm)).to.equal(undefined)
    for (const status of [400, 403, 404, 409, 410, 422])
      expect(delayBeforeRetry(refused(status), calm)).to.equal(undefined)
    expect(delayBeforeRetry(refused(500), {...calm, failed: 4})).to.equal(undefined)
  })

  it('ends (property): whatever goes wrong, the waits stay within the patience', () => {
    const outcome = fc.oneof(
      fc.constantFrom(lost('ECONNRESET'), lost('ECONNREFUSED', false)),
      fc.nat(5000).map(after => refused(429, after)),
    )
    fc.assert(
      fc.property(fc.infiniteStream(outcome), fc.nat(60_000), (outcomes, patience) => {
        let elapsed = 0
        for (let failed = 1; failed < 100_000; failed++) {
          const wait = delayBeforeRetry(outcomes.next().value as ReturnType<typeof lost>, {
            ...calm,
            failed,
            elapsed: elapsed + 1,
            patience,
          })
          if (wait === undefined) return
          elapsed += wait + 1
          expect(elapsed).to.be.at.most(patience + 1)
        }
        expect.fail('no end')
      }),
    )
  })
})
