import {argon2Sync} from 'node:crypto'
import {compare} from 'bcryptjs'
import {expect} from 'chai'
import fc from 'fast-check'
import {
  alphabets,
  derivations,
  deriveHash,
  type GenerateSpec,
  generateProblem,
  generateSecret,
} from '../../src/lib/keys/index.ts'

describe('keys: secrets', () => {
  describe('generated', () => {
    it('have the length and the characters that were asked for', () => {
      const alphabet = fc.oneof(
        fc.constantFrom(...Object.keys(alphabets)),
        fc.uniqueArray(fc.constantFrom(...String(alphabets.printable)), {minLength: 2}).map(all => all.join('')),
      )
      const spec = fc.record({length: fc.integer({min: 1, max: 300}), alphabet})
      fc.assert(
        fc.property(spec, ({length, alphabet}) => {
          const secret = generateSecret({length, alphabet})
          const allowed = new Set(alphabets[alphabet] ?? alphabet)
          expect(secret).to.have.lengthOf(length)
          expect([...secret].every(character => allowed.has(character))).to.equal(true)
        }),
      )
    })

    it('have every character equally often', () => {
      for (const [name, characters] of Object.entries(alphabets)) {
        const drawn = 2000 * characters.length
        const counts = new Map<string, number>()
        for (const character of generateSecret({length: drawn, alphabet: name})) {
          counts.set(character, (counts.get(character) ?? 0) + 1)
        }
        // 2000 of each are expected; six standard deviations are 268
        for (const character of characters)
          expect(counts.get(character), `${name} ${character}`).to.be.closeTo(2000, 268)
      }
    })

    it('are bytes in an encoding, behind a prefix', () => {
      const encoding = fc.constantFrom('base64' as const, 'base64url' as const, 'hex' as const)
      fc.assert(
        fc.property(fc.integer({min: 8, max: 200}), encoding, (bytes, encoding) => {
          const secret = generateSecret({bytes, encoding, prefix: 'sk_'})
          expect(secret.slice(0, 3)).to.equal('sk_')
          expect(Buffer.from(secret.slice(3), encoding)).to.have.lengthOf(bytes)
        }),
      )
      expect(generateSecret({bytes: 32})).to.match(/^[\w-]{43}$/)
    })

    it('are UUIDs, version 4', () => {
      expect(generateSecret({uuid: true})).to.match(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
    })

    it('are not made where they could be guessed, or when the wish makes no sense', () => {
      const problems: [Record<string, unknown>, RegExp | undefined][] = [
        [{length: 24}, undefined],
        [{length: 11, alphabet: 'alphanumeric'}, undefined],
        [{length: 10}, /59 bits/],
        [{length: 19, alphabet: 'digits'}, /63 bits/],
        [{length: 64, alphabet: 'ab'}, undefined],
        [{length: 4096, alphabet: 'a'}, /0 bits/],
        [{length: 24, alphabet: 'abca'}, /has a twice/],
        [{length: 24, alphabet: 'äöü'}, /printable ASCII/],
        [{length: 24, alphabet: ''}, /bits/],
        [{length: 2.5}, /whole number/],
        [{length: 5000}, /4096/],
        [{length: '24'}, /whole number/],
        [{bytes: 8}, undefined],
        [{bytes: 7, encoding: 'hex'}, /56 bits/],
        [{bytes: 32, encoding: 'latin1'}, /encoding/],
        [{bytes: 32, encoding: 'hex', prefix: 'sk_'}, undefined],
        [{bytes: 32, prefix: 'a\nb'}, /prefix/],
        [{bytes: 32, length: 24}, /must be/],
        [{uuid: true}, undefined],
        [{uuid: false}, /true/],
        [{uuid: true, length: 24}, /must be/],
        [{words: 6}, /must be/],
        [{}, /must be/],
      ]
      for (const [spec, problem] of problems) {
        const found = generateProblem(spec)
        if (problem === undefined) expect(found, JSON.stringify(spec)).to.equal(undefined)
        else expect(found, JSON.stringify(spec)).to.match(problem)
      }
    })

    it('are never the same twice', () => {
      const specs: GenerateSpec[] = [{length: 11}, {bytes: 8, encoding: 'hex'}, {uuid: true}]
      for (const spec of specs) {
        expect(new Set(Array.from({length: 1000}, () => generateSecret(spec)))).to.have.lengthOf(1000)
      }
    })
  })

  describe('derived', () => {
    const hashOf = async (...args: Parameters<typeof deriveHash>) => {
      const derived = await deriveHash(...args)
      return 'hash' in derived ? derived.hash : expect.fail(derived.problem)
    }

    it('as bcrypt, which verifies the password and no other', async () => {
      const hash = await hashOf('bcrypt', 'pässword')
      expect(hash).to.match(/^\$2b\$10\$[./A-Za-z0-9]{53}$/)
      expect(await compare('pässword', hash)).to.equal(true)
      expect(await compare('password', hash)).to.equal(false)
    })

    it('as a line of htpasswd', async () => {
      const [user, hash = ''] = (await hashOf('htpasswd', 'secret', 'anna')).split(':')
      expect(user).to.equal('anna')
      expect(hash).to.match(/^\$2y\$10\$/)
      expect(await compare('secret', hash)).to.equal(true)
    })

    it('as argon2id, in the form whose parts give the same again', async () => {
      const phc = await hashOf('argon2id', 'secret')
      const [, , version, costs = '', nonce = '', tag = ''] = phc.split('$')
      const [memory, passes, parallelism] = [...costs.matchAll(/\d+/g)].map(Number) as [number, number, number]
      expect(version).to.equal('v=19')
      const message = Buffer.from('secret')
      const again = argon2Sync('argon2id', {
        message,
        nonce: Buffer.from(nonce, 'base64'),
        memory,
        passes,
        parallelism,
        tagLength: 32,
      })
      expect(again.toString('base64').replace('=', '')).to.equal(tag)
    })

    it('without the password in it', async () => {
      for (const derivation of derivations) expect(await hashOf(derivation, 'secret', 'anna')).to.not.include('secret')
    })

    it('as sha256', async () => {
      expect(await hashOf('sha256', 'abc')).to.equal('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    })

    it('not where bcrypt would look at a part of the password only', async () => {
      for (const password of ['é'.repeat(37), 'a\0b']) {
        expect(await deriveHash('bcrypt', password))
          .to.have.property('problem')
          .that.does.not.include(password)
      }
      expect(await deriveHash('bcrypt', 'a'.repeat(72))).to.have.property('hash')
    })

    it('not as htpasswd for a user whose name would break the line', async () => {
      for (const user of [undefined, '', 'a:b', 'a\nb']) {
        expect(await deriveHash('htpasswd', 'secret', user)).to.have.property('problem')
      }
    })
  })
})
