import {generateKeyPairSync, randomBytes} from 'node:crypto'
import {expect} from 'chai'
import fc from 'fast-check'
import {algorithms, generateKey, importKey, type KeyAlgorithm, writeKey} from '../../src/lib/keys/index.ts'

const names = Object.keys(algorithms) as KeyAlgorithm[]
const pem = {type: 'pkcs8', format: 'pem'} as const
const problemOf = (name: KeyAlgorithm, text: string) => {
  const read = importKey(name, {text})
  return 'problem' in read ? read.problem : expect.fail('was read')
}

describe('keys: import', () => {
  it('says what a key is, where it is of another algorithm', () => {
    const rsa = generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey.export(pem)
    const short = generateKeyPairSync('rsa', {modulusLength: 1024}).privateKey.export(pem)
    const p384 = generateKeyPairSync('ec', {namedCurve: 'P-384'}).privateKey.export(pem)
    expect(problemOf('ed25519', String(rsa))).to.equal('is rsa-2048, but has to be ed25519')
    expect(problemOf('rsa-4096', String(rsa))).to.equal('is rsa-2048, but has to be rsa-4096 or longer')
    expect(problemOf('rsa-2048', String(short))).to.equal('is rsa-1024, but has to be rsa-2048 or longer')
    expect(problemOf('ecdsa-p256', String(p384))).to.equal('is ecdsa-secp384r1, but has to be ecdsa-p256')
    expect(problemOf('tls', String(short))).to.match(/is rsa-1024, but has to be rsa-2048 or longer, ecdsa-p256/)
    expect(
      importKey('rsa-2048', {text: String(generateKeyPairSync('rsa', {modulusLength: 3072}).privateKey.export(pem))}),
    ).to.have.property('key')
  })

  it('reads the older forms of PEM, too', () => {
    const rsa = generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey
    const ec = generateKeyPairSync('ec', {namedCurve: 'P-256'}).privateKey
    for (const [name, text] of [
      ['rsa-2048', rsa.export({type: 'pkcs1', format: 'pem'})],
      ['ecdsa-p256', ec.export({type: 'sec1', format: 'pem'})],
    ] as const) {
      expect(importKey(name, {text: `\n${text}`})).to.have.property('key')
    }
  })

  it('says what to do with keys in a form that it does not read', async () => {
    const {publicKey, privateKey} = generateKeyPairSync('ed25519')
    const key = await generateKey({algorithm: 'ed25519'})
    const encrypted = privateKey.export({...pem, cipher: 'aes-256-cbc', passphrase: 'x'})
    expect(problemOf('ed25519', String(encrypted))).to.match(/encrypted.*openssl pkcs8/)
    expect(problemOf('ed25519', writeKey(key, 'openssh'))).to.match(/PKCS#8/)
    expect(problemOf('ed25519', String(publicKey.export({type: 'spki', format: 'pem'})))).to.match(/public key/)
    expect(problemOf('ed25519', writeKey(key, 'publicJwk'))).to.match(/JWK of a private key/)
    expect(problemOf('ecdsa-p256', randomBytes(32).toString('base64'))).to.match(/PEM or a JWK/)
  })

  it('wants symmetric keys in base64 or as JWK, of the right length', () => {
    const bytes = (length: number) => randomBytes(length).toString('base64')
    expect(problemOf('aes-256', bytes(16))).to.equal('is 16 bytes long, but has to be 32')
    expect(problemOf('hmac-sha256', bytes(31))).to.equal('is 31 bytes long, but has to be 32 to 1024')
    expect(problemOf('aes-256', 'not base64 at all!')).to.match(/must be base64/)
    expect(problemOf('aes-256', '{"kty":"oct","k":7}')).to.match(/must be base64/)
    for (const text of [bytes(32), randomBytes(32).toString('base64url')]) {
      expect(importKey('aes-256', {text})).to.have.property('key')
    }
    expect(importKey('hmac-sha256', {text: bytes(64)})).to.have.property('key')
  })

  it('never repeats what was given, and never throws', () => {
    const text = fc.oneof(
      fc.string({minLength: 8, maxLength: 200}),
      fc.base64String({minLength: 8}),
      fc.string({minLength: 8}).map(inner => `-----BEGIN PRIVATE KEY-----\n${inner}\n-----END PRIVATE KEY-----`),
      fc.json().map(json => `{"kty":"RSA","d":${json}}`),
      fc.constant('x'.repeat(70_000)),
    )
    fc.assert(
      fc.property(fc.constantFrom(...names), text, (name, text) => {
        const read = importKey(name, {text})
        if ('problem' in read) expect(read.problem).to.not.include(text.trim() === '' ? 'nothing' : text.trim())
      }),
      {numRuns: 500},
    )
  })
})
