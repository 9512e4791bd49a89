import {expect} from 'chai'
import fc from 'fast-check'
import {parseJson, stringifyJson} from '../../src/lib/kube/json.ts'
import {LineTooLong, splitLines} from '../../src/lib/kube/json-lines.ts'

describe('kube: JSON', () => {
  it('keeps integers beyond 2^53, at any depth, both ways', () => {
    const text =
      '{"a":9223372036854775807,"b":[-9007199254740993, 12345678901234567890],"c":{"d":9007199254740991,"e":"12345678901234567890"}}'
    const value = parseJson(text)
    expect(value).to.deep.equal({
      a: 9223372036854775807n,
      b: [-9007199254740993n, 12345678901234567890n],
      c: {d: 9007199254740991, e: '12345678901234567890'},
    })
    expect(stringifyJson(value)).to.equal(text.replace(' ', ''))
  })

  it('keeps every integer (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({min: -(2n ** 80n), max: 2n ** 80n})), fc.string(), (numbers, name) => {
        const text = `{"n":[${numbers.join(',')}],"s":${JSON.stringify(name)}}`
        expect(stringifyJson(parseJson(text))).to.equal(text)
      }),
    )
  })

  it('gives what JSON.parse gives for everything else (property)', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = JSON.stringify(value)
        fc.pre(!/\d{16,}/.test(text))
        expect(parseJson(text)).to.deep.equal(JSON.parse(text))
      }),
    )
  })

  it('leaves floats alone, however many digits they have', () => {
    const text = '[0.12345678901234567890,1.0,1e30,12345678901234567890.5]'
    expect(parseJson(text)).to.deep.equal(JSON.parse(text))
  })

  it('never quotes what it could not parse', () => {
    expect(() => parseJson('{"password":"hunter2"'))
      .to.throw(SyntaxError)
      .that.satisfies((e: Error) => !/hunter2/.test(e.message) && e.cause === undefined)
  })

  it('does not hide that a tree cannot be JSON', () => {
    const circular: {self?: unknown} = {}
    circular.self = circular
    expect(() => stringifyJson(circular)).to.throw(TypeError)
  })
})

describe('kube: lines of a stream', () => {
  const collect = async (chunks: Uint8Array[], limit = 1000) => {
    const lines: string[] = []
    for await (const line of splitLines(fromArray(chunks), limit)) lines.push(line)
    return lines
  }

  it('finds the same lines wherever the chunks are cut (property)', async () => {
    const lineArb = fc
      .string({unit: 'binary'})
      .map(text => text.replaceAll('\n', ' '))
      .filter(text => text.trim() !== '')
    await fc.assert(
      fc.asyncProperty(fc.array(lineArb), fc.array(fc.nat(200)), async (lines, cuts) => {
        const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''))
        const at = [...new Set([0, ...cuts.filter(cut => cut < bytes.length).sort((a, b) => a - b), bytes.length])]
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
        expect(await collect(chunks, 1 << 20)).to.deep.equal(lines.map(line => Buffer.from(line).toString()))
      }),
    )
  })

  it('does not give a line that was cut off', async () => {
    expect(await collect([Buffer.from('{"a":1}\n{"b":2}')])).to.deep.equal(['{"a":1}'])
  })

  it('skips empty lines', async () => {
    expect(await collect([Buffer.from('\n1\n\r\n2\n')])).to.deep.equal(['1', '2'])
  })

  it('refuses a line over the limit before holding more of it', async () => {
    let read = 0
    const endless = (async function* () {
      for (;;) {
        read += 100
        yield Buffer.alloc(100, 'x')
      }
    })()
    const lines = splitLines(endless, 1000)
    const error = await lines.next().catch(e => e)
    expect(error).to.be.instanceOf(LineTooLong)
    expect(read).to.be.at.most(1200)
  })
})

async function* fromArray(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}
