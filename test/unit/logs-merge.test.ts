import {expect} from 'chai'
import fc from 'fast-check'
import {Merger} from '../../src/lib/logs/merge.ts'
import {momentAt, Position} from '../../src/lib/logs/position.ts'

const day = new Date().toISOString().slice(0, 10)
const time = (second: number, nanos: number) =>
  `${day}T23:59:${String(second).padStart(2, '0')}.${String(nanos).padStart(9, '0')}Z`

/** Lines of one container, in order; several may have the same time. */
const lines = fc
  .array(fc.record({second: fc.nat(5), nanos: fc.nat(2), text: fc.string()}), {maxLength: 20})
  .map(all => all.map(({second, nanos, text}) => ({at: time(second, nanos), text: text.replaceAll('\n', '')})))
  .map(all => all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({at, text}) => `${at} ${text}\n`))

describe('logs: where a container has been read to', () => {
  it('loses no line and gives none twice, wherever it is cut, and though the server goes back a whole second', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(20), {maxLength: 4}), (all, cuts) => {
        const position = new Position()
        let got = ''
        for (const count of [...cuts, all.length]) {
          const {sinceTime} = position
          position.goOn()
          const from = sinceTime === undefined ? 0 : all.findIndex(line => line.slice(0, 19) >= sinceTime.slice(0, 19))
          for (const line of from < 0 ? [] : all.slice(from, from + count)) got += position.accept(line)
        }
        position.goOn()
        const {sinceTime = ''} = position
        got += position.accept(all.filter(line => line.slice(0, 19) >= sinceTime.slice(0, 19)).join(''))
        expect(got).to.equal(all.join(''))
      }),
    )
  })

  it('reads a moment from a time, with and without an offset', () => {
    const moment = (text: string) => momentAt(`${text} x`, 0)
    expect(moment('2026-11-28T12:00:01.000001500Z') - moment('2026-11-28T11:59:59.000000000Z')).to.be.closeTo(
      2_000_001_500,
      1e4,
    )
    expect(moment('2026-11-28T14:00:00.123000000+02:00')).to.equal(moment('2026-11-28T12:00:00.123000000Z'))
  })
})

describe('logs: many as one', () => {
  const write = (name: string) => (at: string, bytes: string) => `${at} ${name} ${bytes}\n`
  async function* pieces(all: string[], size: number) {
    for (let at = 0; at < all.length; at += size) {
      await new Promise(setImmediate)
      yield all.slice(at, at + size).join('')
    }
  }
  async function read(merger: Merger): Promise<string> {
    let text = ''
    for await (const batch of merger.batches()) text += batch.toString('latin1')
    return text
  }

  it('in the order of their times, each container in its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(lines, {maxLength: 6}), fc.integer({min: 1, max: 7}), async (containers, size) => {
        const merger = new Merger(false)
        containers.forEach((all, index) => {
          merger.add(pieces(all, size), write(String(index)))
        })
        merger.close()
        const got = (await read(merger)).split('\n').slice(0, -1)
        expect(got.length).to.equal(containers.flat().length)
        const times = got.map(line => line.slice(0, 30))
        expect(times).to.deep.equal(times.toSorted())
        containers.forEach((all, index) => {
          const own = got.filter(line => line.startsWith(`${index} `, 31))
          expect(own.map(line => `${line.replace(` ${index} `, ' ')}\n`)).to.deep.equal(all)
        })
      }),
      {numRuns: 50},
    )
  })

  it('following, lines that come a little late are put in order, and one that says nothing holds up none', async () => {
    const now = Date.now()
    const line = (millis: number, text: string) =>
      `${new Date(now + millis).toISOString().replace('Z', '000000Z')} ${text}\n`
    const pause = (millis: number) => new Promise(pass => setTimeout(pass, millis))
    const merger = new Merger(true)
    const late = async function* () {
      yield line(-10_000, 'begin')
      await pause(60)
      yield line(1, 'first')
    }
    const early = async function* () {
      yield line(-9000, 'begin')
      await pause(10)
      yield line(2, 'second')
      await pause(3000)
    }
    const silent = async function* () {
      await pause(3000)
      yield ''
    }
    merger.add(late(), write('late'))
    merger.add(early(), write('early'))
    merger.add(silent(), write('silent'))
    merger.close()
    const texts: string[] = []
    for await (const batch of merger.batches()) {
      texts.push(
        ...batch
          .toString()
          .trim()
          .split('\n')
          .map(text => text.split(' ').slice(1).join(' ')),
      )
      if (texts.length === 4) break
    }
    expect(texts).to.deep.equal(['late begin', 'early begin', 'late first', 'early second'])
    expect(Date.now() - now).to.be.lessThan(2900)
  })
})
