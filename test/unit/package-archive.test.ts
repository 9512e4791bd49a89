import {randomBytes} from 'node:crypto'
import {mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gunzipSync, gzipSync} from 'node:zlib'
import {expect} from 'chai'
import fc from 'fast-check'
import {type Header, pack} from 'tar-stream'
import {UserError} from '../../src/lib/errors.ts'
import {
  buildArchive,
  digestOf,
  initPackage,
  loadArchive,
  loadFolder,
  packageFromFiles,
  packageLimits,
} from '../../src/lib/package/index.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const manifest = 'apiVersion: berth.dev/v1\nkind: Package\nname: demo\nversion: 1.0.0\n'

async function refusal(work: Promise<unknown>): Promise<UserError> {
  try {
    await work
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** An archive as an attacker would make it. */
async function tar(entries: (Partial<Header> & {name: string; content?: string | Uint8Array})[]): Promise<Uint8Array> {
  const packer = pack()
  for (const {content, ...header} of entries) packer.entry(header as Header, Buffer.from(content ?? ''))
  packer.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of packer) chunks.push(chunk as Uint8Array)
  return gzipSync(Buffer.concat(chunks))
}
const file = (name: string, content: string | Uint8Array = 'x') => ({name, content})
const good = file('package.yaml', manifest)

describe('package: archives', () => {
  const paths = fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8}){0,3}$/)
  const contents = fc.uint8Array({maxLength: 3000})

  it('give back what went in, as other tools read it', () => {
    const loadable = fc.dictionary(paths, contents, {maxKeys: 12})
    return fc.assert(
      fc.asyncProperty(loadable, async files => {
        const archive = buildArchive(new Map([...Object.entries(files), ['package.yaml', bytes(manifest)]]))
        const read = await loadArchive(archive)
        expect(Object.fromEntries(read.files)).to.deep.equal({...files, 'package.yaml': bytes(manifest)})
        expect(read.digest).to.equal(digestOf(archive))
      }),
    )
  })

  it('have bytes that depend on names and contents alone', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(paths, contents), {maxLength: 12}), fc.nat(), (entries, seed) => {
        const files = new Map(entries)
        const shuffled = new Map(
          [...files].sort(([a], [b]) => (digestOf(bytes(a + seed)) < digestOf(bytes(b + seed)) ? -1 : 1)),
        )
        expect(Buffer.compare(buildArchive(files), buildArchive(shuffled))).to.equal(0)
      }),
    )
  })

  it('have a digest that never changes', () => {
    const files = new Map([
      ['package.yaml', bytes(manifest)],
      ['files/a.txt', bytes('hello hello hello\n'.repeat(50))],
    ])
    expect(digestOf(buildArchive(files))).to.equal(
      'sha256:ec8c59432e5ce1e0335b105ad8680a37fe8123585cc8668132f9f5492fcf9712',
    )
  })

  it('of long names are split as tar does it', async () => {
    const name = `files/${'a'.repeat(80)}/${'b'.repeat(90)}`
    const read = await loadArchive(
      buildArchive(
        new Map([
          ['package.yaml', bytes(manifest)],
          [name, bytes('x')],
        ]),
      ),
    )
    expect([...read.files.keys()]).to.deep.equal([name, 'package.yaml'])
    expect(() => buildArchive(new Map([[`files/${'a'.repeat(150)}`, bytes('x')]]))).to.throw(
      UserError,
      /too long for a tar file/,
    )
  })

  it('must have the digest that was expected', async () => {
    const archive = buildArchive(new Map([['package.yaml', bytes(manifest)]]))
    const error = await refusal(loadArchive(archive, {expected: `sha256:${'0'.repeat(64)}`}))
    expect(error.code).to.equal('package.integrity')
    expect((await loadArchive(archive, {expected: digestOf(archive)})).manifest.name).to.equal('demo')
  })

  const hostile: [string, () => Promise<Uint8Array>, RegExp][] = [
    ['a way out', () => tar([good, file('../evil')]), /leads out/],
    ['a way out inside', () => tar([good, file('files/../../evil')]), /leads out/],
    ['an absolute name', () => tar([good, file('/etc/passwd')]), /absolute/],
    ['a drive', () => tar([good, file('C:evil')]), /absolute/],
    ['a backslash', () => tar([good, file('files\\..\\evil')]), /backslash/],
    [
      'a symbolic link',
      () => tar([good, {name: 'files/x', type: 'symlink', linkname: '/etc/passwd'}]),
      /is a symlink to "\/etc\/passwd"/,
    ],
    ['a hard link', () => tar([good, {name: 'files/x', type: 'link', linkname: 'package.yaml'}]), /is a link/],
    ['a device', () => tar([good, {name: 'files/x', type: 'character-device'}]), /character-device/],
    ['a pipe', () => tar([good, {name: 'files/x', type: 'fifo'}]), /fifo/],
    ['a file twice', () => tar([good, file('files/x'), file('files/x', 'y')]), /twice/],
    [
      'two files that are one elsewhere',
      () => tar([good, file('files/x'), file('files/X')]),
      /one file on some systems/,
    ],
    [
      'composed and decomposed names',
      () => tar([good, file('files/\u00e9'), file('files/e\u0301')]),
      /one file on some systems/,
    ],
    ['a line break in a name', () => tar([good, file('files/a\nb')]), /control characters/],
    ['a terminal escape in a name', () => tar([good, file('files/\u001b[31m')]), /control characters/],
    ['text direction in a name', () => tar([good, file('files/\u202egpj.sh')]), /control characters/],
    ['an empty part', () => tar([good, file('files//x')]), /empty parts/],
    ['too long a name', () => tar([good, file(`files/${'a'.repeat(300)}`)]), /longer than/],
    [
      'too many files',
      () => tar([good, ...Array.from({length: 1001}, (_, index) => file(`files/${index}`))]),
      /more than 1000 files/,
    ],
    ['a bomb', async () => gzipSync(Buffer.alloc(64 * 2 ** 20)), /unpacks to more than 8 MiB/],
    ['a large file', () => tar([good, file('files/x', Buffer.alloc(9 * 2 ** 20))]), /more than 8 MiB/],
    ['large incompressible bytes', async () => randomBytes(packageLimits.archiveBytes + 1), /bytes, \d+ are allowed/],
    ['no gzip', async () => bytes('hello'), /no gzip file/],
    ['no tar', async () => gzipSync(randomBytes(2000)), /no tar file/],
    [
      'a tar that is cut short',
      async () => gzipSync(gunzipSync(await tar([good, file('files/x', 'y'.repeat(5000))])).subarray(0, 3000)),
      /no tar file/,
    ],
  ]
  for (const [name, make, message] of hostile) {
    it(`with ${name} are refused`, async () => {
      const archive = await make()
      const start = performance.now()
      const error = await refusal(loadArchive(archive))
      expect(error.code).to.equal('package.archive-refused')
      expect(error.message).to.match(message)
      expect(performance.now() - start).to.be.below(1000)
    })
  }

  it('without a manifest say how to begin', async () => {
    const error = await refusal(loadArchive(await tar([file('README.md')])))
    expect(error.code).to.equal('package.invalid')
    expect(error.hint).to.match(/package init/)
  })

  it('name the largest files when too large to build', () => {
    const files = new Map([
      ['files/big.bin', new Uint8Array(randomBytes(800 * 1024))],
      ['package.yaml', bytes(manifest)],
    ])
    expect(() => buildArchive(files)).to.throw(UserError, /files\/big\.bin \(800 KiB\)/)
  })
})

describe('package: folders', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-package-'))
    await writeFile(join(folder, 'package.yaml'), manifest)
  })
  afterEach(() => rm(folder, {recursive: true}))

  it('have the digest of their archive, whatever editors leave there', async () => {
    await mkdir(join(folder, '.git'))
    await mkdir(join(folder, 'files'))
    const junk = ['.git/HEAD', '.DS_Store', 'package.yaml~', 'files/.x.swp', 'files/x.bak', '#x#', '.#x']
    for (const name of [...junk, 'files/x', 'README.md']) await writeFile(join(folder, name), 'x')
    const pkg = await loadFolder(folder)
    expect([...pkg.files.keys()]).to.deep.equal(['README.md', 'files/x', 'package.yaml'])
    expect(pkg.digest).to.equal(digestOf(pkg.archive))
    expect((await loadArchive(pkg.archive)).digest).to.equal(pkg.digest)
  })

  it('with symbolic links are refused', async () => {
    await symlink('/etc/passwd', join(folder, 'README.md'))
    const error = await refusal(loadFolder(folder))
    expect(error.code).to.equal('package.invalid')
    expect(error.message).to.match(/README\.md is a symbolic link/)
  })

  it('that do not exist say so', async () => {
    expect((await refusal(loadFolder(join(folder, 'nowhere')))).message).to.match(/does not exist/)
    expect((await refusal(loadFolder(join(folder, 'package.yaml')))).message).to.match(/is no folder/)
  })

  it('of package init give the same package', async () => {
    const files = initPackage('demo')
    for (const [path, content] of files) {
      await mkdir(join(folder, path, '..'), {recursive: true})
      await writeFile(join(folder, path), content)
    }
    expect((await loadFolder(folder)).digest).to.equal(packageFromFiles(files).digest)
  })
})
