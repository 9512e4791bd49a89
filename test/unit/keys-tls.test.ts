import {execFileSync} from 'node:child_process'
import {generateKeyPairSync, X509Certificate} from 'node:crypto'
import {once} from 'node:events'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {connect, createServer} from 'node:tls'
import {expect} from 'chai'
import fc from 'fast-check'
import {certificateProblem, generateKey, importKey, writeKey} from '../../src/lib/keys/index.ts'

const hosts = ['wiki.example.com', '*.apps.example.com', '10.0.0.7', '2001:db8::7', '::ffff:10.0.0.8', 'localhost']

describe('keys: tls', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'berth-tls-'))
  })
  after(() => rmSync(folder, {recursive: true}))

  const made = async (days = 30, names: string[] = hosts) => {
    const key = await generateKey({algorithm: 'tls', hosts: names, days})
    return {text: writeKey(key, 'privateKey'), certificate: writeKey(key, 'certificate')}
  }
  const openssl = (...args: string[]) => execFileSync('openssl', args, {stdio: 'pipe', encoding: 'utf8'})

  it('is self-signed for just its hosts, as openssl sees it', async () => {
    const path = join(folder, 'made.pem')
    writeFileSync(path, (await made()).certificate)
    const verify = (...args: string[]) =>
      openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', path, ...args, path)
    for (const name of ['wiki.example.com', 'a.apps.example.com'])
      expect(verify('-verify_hostname', name)).to.match(/: OK$/m)
    for (const ip of ['10.0.0.7', '2001:db8:0:0::7']) expect(verify('-verify_ip', ip)).to.match(/: OK$/m)
    for (const name of ['example.com', 'a.b.apps.example.com', 'wiki.example.org']) {
      expect(() => verify('-verify_hostname', name), name).to.throw('hostname mismatch')
    }
    expect(() => verify('-verify_ip', '10.0.0.9')).to.throw('IP address mismatch')
    expect(openssl('x509', '-in', path, '-noout', '-checkhost', 'wiki.example.com')).to.match(/does match/)
    expect(openssl('asn1parse', '-in', path)).to.not.match(/error/i)
  })

  it('serves a client that trusts it, and no other', async () => {
    const {text, certificate} = await made()
    const server = createServer({key: text, cert: certificate}, socket => socket.end('hello')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const {port} = server.address() as AddressInfo
    const visit = async (options: object) => {
      const socket = connect({port, host: '127.0.0.1', servername: 'wiki.example.com', ...options})
      socket.on('data', () => undefined)
      await once(socket, 'secureConnect')
      socket.destroy()
    }
    const refusal = (options: object) =>
      visit(options).then(
        () => expect.fail('was trusted'),
        ({code}) => code,
      )
    await visit({ca: certificate})
    expect(await refusal({})).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(await refusal({ca: certificate, servername: 'wiki.example.org'})).to.equal('ERR_TLS_CERT_ALTNAME_INVALID')
    server.close()
    await once(server, 'close')
  })

  it('has every host, for any number of days', async () => {
    const host = fc.oneof(
      fc.domain().filter(name => name.length < 60),
      fc.ipV4(),
      fc.ipV6(),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(host, {minLength: 1, maxLength: 100}),
        fc.integer({min: 1, max: 36_500}),
        async (all, days) => {
          fc.pre(certificateProblem({hosts: all, days}) === undefined)
          const given = await made(days, all)
          expect(importKey('tls', {...given, hosts: all})).to.have.property('key')
          const {validToDate, ca} = new X509Certificate(given.certificate)
          expect(validToDate.getTime()).to.be.closeTo(Date.now() + days * 86_400_000, 60_000)
          expect(ca).to.equal(false)
        },
      ),
      {numRuns: 60},
    )
  })

  it('is not made for what is no host', () => {
    for (const host of ['https://a', 'a b', '', '-a', 'a..b', '*.*.a', 'a.*', '1.2.3.4/8', 'ä.de', 'a\n']) {
      expect(certificateProblem({hosts: [host], days: 1}), host).to.match(/neither a host name/)
    }
    expect(certificateProblem({hosts: [], days: 1})).to.match(/from 1 to 100/)
    expect(certificateProblem({hosts: ['a'], days: 0})).to.match(/days/)
    expect(certificateProblem({hosts, days: 1})).to.equal(undefined)
  })

  it('is imported with the certificate that belongs to it, for its hosts, while it is valid', async () => {
    const mine = await made()
    const other = await made()
    const problem = (given: Parameters<typeof importKey>[1]) => {
      const read = importKey('tls', given)
      return 'problem' in read ? read.problem : 'none'
    }
    expect(problem({...mine, hosts: ['wiki.example.com', '*.apps.example.com', '10.0.0.7', '::ffff:a00:8']})).to.equal(
      'none',
    )
    expect(problem({text: mine.text})).to.match(/without its certificate/)
    expect(problem({text: mine.text, certificate: other.certificate})).to.match(/does not belong/)
    expect(problem({...mine, certificate: mine.certificate.repeat(100)})).to.match(/64 KiB/)
    expect(problem({...mine, certificate: 'nonsense'})).to.match(/cannot be read/)
    expect(problem({...mine, hosts: ['wiki.example.org']})).to.match(
      /not for wiki.example.org, but for DNS:wiki.example.com/,
    )
    const chain = {text: mine.text, certificate: `${mine.certificate}${other.certificate}`}
    expect(problem(chain)).to.equal('none')
  })

  it('is not imported before or after its time', () => {
    const {privateKey} = generateKeyPairSync('rsa', {modulusLength: 2048})
    const text = privateKey.export({type: 'pkcs8', format: 'pem'}).toString()
    const path = join(folder, 'rsa.pem')
    const config = join(folder, 'ca.cnf')
    writeFileSync(path, text)
    writeFileSync(join(folder, 'index.txt'), '')
    writeFileSync(
      config,
      `[ca]\ndefault_ca=c\n[c]\nnew_certs_dir=${folder}\ndatabase=${folder}/index.txt\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n`,
    )
    const request = join(folder, 'request.pem')
    openssl('req', '-new', '-key', path, '-subj', '/CN=old.example.com', '-out', request)
    const issued = (from: string, to: string) =>
      openssl(
        'ca',
        '-batch',
        '-notext',
        '-config',
        config,
        '-selfsign',
        '-keyfile',
        path,
        '-in',
        request,
        '-startdate',
        from,
        '-enddate',
        to,
      )
    const pem = (output: string) => output.slice(output.indexOf('-----BEGIN'))
    const expired = importKey('tls', {text, certificate: pem(issued('20200101000000Z', '20210101000000Z'))})
    expect(expired).to.have.property('problem', 'has a certificate that expired at 2021-01-01T00:00:00.000Z')
    const early = importKey('tls', {text, certificate: pem(issued('20900101000000Z', '20910101000000Z'))})
    expect(early).to.have.property('problem', 'has a certificate that is not valid before 2090-01-01T00:00:00.000Z')
    expect(importKey('tls', {text, certificate: pem(issued('20200101000000Z', '20910101000000Z'))})).to.have.property(
      'key',
    )
  })
})
