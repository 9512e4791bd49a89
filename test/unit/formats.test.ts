import {expect} from 'chai'
import fc from 'fast-check'
import {nextRun, parseCron, parseImage} from '../../src/lib/formats/index.ts'

const sha256 = `sha256:${'0a'.repeat(32)}`

describe('formats: cron', () => {
  const at = new Date('2026-11-22T20:00:30Z')
  const next = (text: string, after = at) => {
    const read = parseCron(text)
    if ('problem' in read) throw new Error(read.problem)
    return nextRun(read.cron, after)?.toISOString().replace(':00.000Z', '')
  }

  it('is due when robfig/cron, by which Kubernetes schedules, says so', () => {
    // what ParseStandard(…).Next of v3.0.1 gives
    const due: Record<string, string | undefined> = {
      '* * * * *': '2026-11-22T20:01',
      '*/15 * * * *': '2026-11-22T20:15',
      '7/20 * * * *': '2026-11-22T20:07',
      '30 3 * * *': '2026-11-23T03:30',
      '0 0 1,15 * *': '2026-12-01T00:00',
      '0 0 13 * fri': '2026-11-27T00:00',
      '0 0 */2 * fri': '2026-11-23T00:00',
      '0 0 13 * ?': '2026-12-13T00:00',
      '0 12 * JAN-mar/2 MON-FRI': '2027-01-01T12:00',
      '0 0 29 2 *': '2028-02-29T00:00',
      '0 0 31 2 *': undefined,
      '@daily': '2026-11-23T00:00',
      '@hourly': '2026-11-22T21:00',
      '@weekly': '2026-11-29T00:00',
      '@monthly': '2026-12-01T00:00',
      '@yearly': '2027-01-01T00:00',
      '@every 1h30m': '2026-11-22T21:30:30.000Z',
    }
    for (const [text, expected] of Object.entries(due)) expect(next(text), text).to.equal(expected)
    expect(next('0 0 29 2 *', new Date('2096-03-01T00:00:00Z'))).to.equal('2104-02-29T00:00')
  })

  it('is refused with the field that is wrong', () => {
    const wrong: Record<string, RegExp> = {
      '': /five fields/,
      '0 0 * * * *': /five fields/,
      '60 * * * *': /minute: "60" is not within 0 and 59/,
      '* 24 * * *': /hour/,
      '* * 0 * *': /day of the month: "0"/,
      '* * * 13 *': /month: "13" is not within 1 and 12, nor one of jan/,
      '* * * * 7': /day of the week: "7" is not within 0 and 6, nor one of sun/,
      '* * * * fri-mon': /"fri-mon" ends before it begins/,
      '*/0 * * * *': /never steps/,
      '1,,2 * * * *': /"" is not a number/,
      '* * L * *': /day of the month: "L"/,
      '* * * * 5#2': /day of the week/,
      '@reboot': /@yearly/,
      '@every soon': /length of time/,
      '@every 0s': /length of time/,
      'TZ=UTC 0 0 * * *': /five fields/,
    }
    for (const [text, problem] of Object.entries(wrong)) {
      expect(parseCron(text), text).to.have.property('problem').that.matches(problem)
    }
  })

  it('is due at the minutes, hours and days that it says, and soon enough', () => {
    const field = (min: number, max: number) => fc.option(fc.integer({min, max}), {nil: '*' as const})
    const fields = fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12))
    const after = fc.date({min: new Date('2020-01-01'), max: new Date('2090-01-01'), noInvalidDate: true})
    fc.assert(
      fc.property(fields, after, (said, after) => {
        const due = new Date(`${next(`${said.join(' ')} *`, after)}Z`)
        const is = [due.getUTCMinutes(), due.getUTCHours(), due.getUTCDate(), due.getUTCMonth() + 1]
        for (const [i, value] of said.entries()) expect(value === '*' || value === is[i], said.join(' ')).to.equal(true)
        expect(due.getTime()).to.be.greaterThan(after.getTime())
        expect(due.getTime() - after.getTime()).to.be.at.most(366 * 86_400_000)
      }),
    )
  })
})

describe('formats: image', () => {
  it('is read as container runtimes read it', () => {
    // what ParseNormalizedNamed of distribution/reference v0.6.0 gives
    const images: Record<string, object> = {
      nginx: {registry: 'docker.io', repository: 'library/nginx'},
      'nginx:1.29': {registry: 'docker.io', repository: 'library/nginx', tag: '1.29'},
      'miniflux/miniflux': {registry: 'docker.io', repository: 'miniflux/miniflux'},
      'index.docker.io/x': {registry: 'docker.io', repository: 'library/x'},
      'ghcr.io/a/b/c:v1': {registry: 'ghcr.io', repository: 'a/b/c', tag: 'v1'},
      'localhost/x': {registry: 'localhost', repository: 'x'},
      'registry:5000/a__b/c--d': {registry: 'registry:5000', repository: 'a__b/c--d'},
      '[::1]:5000/x:y': {registry: '[::1]:5000', repository: 'x', tag: 'y'},
      [`quay.io/a/b@${sha256}`]: {registry: 'quay.io', repository: 'a/b', digest: sha256},
      [`quay.io/a/b:1@${sha256}`]: {registry: 'quay.io', repository: 'a/b', tag: '1', digest: sha256},
    }
    for (const [text, image] of Object.entries(images)) expect(parseImage(text), text).to.deep.equal({image})
  })

  it('is refused with the part that is wrong', () => {
    const wrong: Record<string, RegExp> = {
      '': /repository/,
      'https://ghcr.io/a/b': /without https/,
      'ghcr.io/A/b': /repository "A\/b"/,
      'ghcr.io/a//b': /repository/,
      'ghcr.io/a___b': /repository/,
      'gh_cr.io/a': /registry "gh_cr.io"/,
      'nginx:': /tag/,
      'nginx:a b': /tag/,
      [`nginx:${'a'.repeat(129)}`]: /tag/,
      'nginx@sha256:abc': /digest/,
      [`nginx@md5:${'a'.repeat(32)}`]: /digest/,
      [`nginx@${sha256.toUpperCase()}`]: /digest/,
      ['a'.repeat(64)]: /not the id/,
      [`ghcr.io/${'a'.repeat(256)}`]: /at most 255/,
      ['a:'.repeat(600)]: /longer than/,
      'nginx\n': /repository/,
    }
    for (const [text, problem] of Object.entries(wrong)) {
      expect(parseImage(text), text).to.have.property('problem').that.matches(problem)
    }
  })

  it('never throws, and stays quick', () => {
    fc.assert(
      fc.property(fc.string({maxLength: 2000, unit: fc.constantFrom(...'ab_-.:/@')}), text => {
        const begin = performance.now()
        parseImage(text)
        parseCron(text)
        expect(performance.now() - begin).to.be.below(200)
      }),
    )
  })
})
