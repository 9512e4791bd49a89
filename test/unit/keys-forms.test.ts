import {execFileSync, spawnSync} from 'node:child_process'
import {createHmac, createPrivateKey, createPublicKey, diffieHellman, sign, verify} from 'node:crypto'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'chai'
import {
  algorithms,
  forms,
  formsOf,
  generateKey,
  importKey,
  type Key,
  type KeyAlgorithm,
  type KeyForm,
  writeKey,
} from '../../src/lib/keys/index.ts'

const names = Object.keys(algorithms) as KeyAlgorithm[]
const hosts = ['wiki.example.com', '*.apps.example.com', '10.0.0.7', '2001:db8::7', '::ffff:10.0.0.8']

/** What importKey read, or its problem. */
const read = (algorithm: KeyAlgorithm, text: string, certificate?: string) => {
  const read = importKey(algorithm, certificate === undefined ? {text} : {text, certificate})
  return 'key' in read ? read.key : expect.fail(read.problem)
}

describe('keys: forms', () => {
  const keys = new Map<KeyAlgorithm, Key>()
  const key = (name: KeyAlgorithm) => keys.get(name) as Key
  let folder: string

  before(async function () {
    this.timeout(60_000)
    folder = mkdtempSync(join(tmpdir(), 'berth-keys-'))
    for (const algorithm of names) {
      keys.set(algorithm, await generateKey(algorithm === 'tls' ? {algorithm, hosts, days: 30} : {algorithm}))
    }
  })
  after(() => rmSync(folder, {recursive: true}))

  /** Programs want keys in files, which nobody else may read. */
  const file = (text: string) => {
    const path = join(folder, `${Math.random()}`)
    writeFileSync(path, text, {mode: 0o600})
    return path
  }
  const openssl = (...args: string[]) => execFileSync('openssl', args, {stdio: 'pipe', encoding: 'utf8'})

  it('can all be read again, where they hold the whole key', () => {
    for (const name of names) {
      const {certificate} = key(name)
      for (const form of formsOf(name)) {
        if (!forms[form].secret || form === 'openssh') continue
        const again = read(name, writeKey(key(name), form), certificate)
        expect(again.material.equals(key(name).material), `${name} ${form}`).to.equal(true)
        expect(again.certificate).to.equal(certificate)
      }
    }
  })

  it('begin with the one to keep', () => {
    const first = Object.fromEntries(names.map(name => [name, formsOf(name)[0]]))
    expect(first).to.deep.equal({
      ...Object.fromEntries(names.map(name => [name, 'privateKey'])),
      'aes-256': 'base64',
      'hmac-sha256': 'base64',
    })
  })

  it('exist only where they make sense', () => {
    expect(formsOf('aes-256')).to.deep.equal(['base64', 'jwk'])
    expect(formsOf('x25519')).to.not.include.members(['openssh', 'publicOpenssh'])
    expect(formsOf('tls')).to.include('certificate')
    expect(() => writeKey(key('aes-256'), 'publicKey')).to.throw(TypeError)
  })

  it('of the public half hold nothing of the private one', () => {
    for (const name of names) {
      if (algorithms[name].kind === 'symmetric') continue
      const secret = key(name).material.export({format: 'jwk'})
      for (const form of formsOf(name).filter(form => !forms[form].secret)) {
        const text = writeKey(key(name), form)
        expect(text).to.not.include(String(secret.d))
        expect(text).to.not.include('PRIVATE')
      }
    }
  })

  it('as PEM can be read by openssl', () => {
    for (const name of names) {
      if (algorithms[name].kind === 'symmetric') continue
      const publicKey = openssl('pkey', '-in', file(writeKey(key(name), 'privateKey')), '-pubout')
      expect(publicKey, name).to.equal(writeKey(key(name), 'publicKey'))
    }
  })

  it('as JWK are what node reads, with the thumbprint as kid', () => {
    for (const name of names) {
      if (algorithms[name].kind === 'symmetric') continue
      const jwk = JSON.parse(writeKey(key(name), 'publicJwk'))
      expect(createPublicKey({key: jwk, format: 'jwk'}).equals(createPublicKey(key(name).material))).to.equal(true)
      expect(JSON.parse(writeKey(key(name), 'jwk')).kid).to.equal(jwk.kid)
      expect(writeKey(key(name), 'kid')).to.equal(jwk.kid)
    }
  })

  it('have the thumbprint that RFC 8037, A.3 gives for its key', () => {
    const d = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
    const known = read('ed25519', JSON.stringify({kty: 'OKP', crv: 'Ed25519', d, x}))
    expect(writeKey(known, 'kid')).to.equal('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  })

  it('for OpenSSH are what ssh-keygen reads', function () {
    if (spawnSync('ssh-keygen', ['-?']).error !== undefined) this.skip()
    const keygen = (...args: string[]) => execFileSync('ssh-keygen', args, {stdio: 'pipe', encoding: 'utf8'})
    for (const name of names) {
      if (!formsOf(name).includes('publicOpenssh')) continue
      const line = writeKey(key(name), 'publicOpenssh')
      expect(keygen('-l', '-f', file(`${line} someone\n`)), name).to.match(
        /^\d+ SHA256:\S+ someone \((RSA|ECDSA|ED25519)\)/,
      )
      const form: KeyForm = name === 'ed25519' ? 'openssh' : 'privateKey'
      expect(keygen('-y', '-f', file(writeKey(key(name), form))).trim(), name).to.equal(line)
    }
  })

  it('are of keys that do what they are for', async () => {
    const data = Buffer.from('data')
    for (const name of ['ed25519', 'ecdsa-p256', 'rsa-2048', 'rsa-3072', 'rsa-4096'] as const) {
      const algorithm = name === 'ed25519' ? null : 'sha256'
      const signature = sign(algorithm, data, createPrivateKey(writeKey(key(name), 'privateKey')))
      expect(verify(algorithm, data, createPublicKey(writeKey(key(name), 'publicKey')), signature), name).to.equal(true)
    }
    const other = await generateKey({algorithm: 'x25519'})
    const shared = (mine: Key, theirs: Key) =>
      diffieHellman({privateKey: mine.material, publicKey: createPublicKey(theirs.material)}).toString('hex')
    expect(shared(key('x25519'), other)).to.equal(shared(other, key('x25519')))
    expect(Buffer.from(writeKey(key('x25519'), 'publicBase64'), 'base64')).to.have.lengthOf(32)
    expect(
      createHmac('sha256', Buffer.from(writeKey(key('hmac-sha256'), 'base64'), 'base64')).digest(),
    ).to.have.lengthOf(32)
  })

  it('are hidden where a key is printed by mistake', () => {
    for (const name of names) {
      const printed = JSON.stringify(key(name)) + String(key(name).material)
      expect(printed).to.not.include('PRIVATE')
      expect(printed).to.not.include(
        String(key(name).material.export({format: 'jwk'}).d ?? key(name).material.export({format: 'jwk'}).k),
      )
    }
  })
})
