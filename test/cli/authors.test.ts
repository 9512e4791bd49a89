import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'chai'
import {Terminal} from '../cluster/terminal.ts'
import {berth, inTemporaryHome, runBerth} from './support.ts'

describe('package init', function () {
  this.timeout(30_000)
  const place = inTemporaryHome()
  const file = (name: string) => join(place.folder, 'wiki', name)

  it('makes what was answered, and lint has nothing to say of it', async () => {
    await berth`package init wiki --set image=example.com/wiki:2.1.0 --set port=3000 --set data= --set database=postgresql --json`
    expect((await berth`package lint ./wiki --json`).json.result.findings).to.deep.equal([])
    const {json} = await berth`package render ./wiki --set database=app:db --json`
    const text = JSON.stringify(json.result.objects)
    expect(text).to.include('"image":"example.com/wiki:2.1.0"').and.include('"containerPort":3000')
    expect(text).to.include('DATABASE_URL').and.not.include('PersistentVolumeClaim')
    expect(await readFile(file('package.yaml'), 'utf8')).to.match(
      /^# yaml-language-server: \$schema=.*\n[\s\S]*appVersion: "2.1.0"/,
    )
  })

  it('lint reads the checks, too', async () => {
    await berth`package init wiki`
    await writeFile(file('tests/checks.yaml'), 'checks:\n  - name: x\n    http: {endpont: web}\n')
    const {json} = await berth`package lint ./wiki --json`
    expect(json.error.details[0]).to.deep.include({rule: 'checks', fix: 'did you mean endpoint?'})
  })

  it('refuses answers that do not fit, and writes nothing', async () => {
    const {json} = await berth`package init wiki --set port=99999 --set databas=x --json`
    expect(json.error.code).to.equal('params.invalid')
    expect(json.error.details.map(({field}: {field: string}) => field)).to.have.members(['/databas', '/port'])
    expect(await readFile(file('package.yaml')).catch(({code}) => code)).to.equal('ENOENT')
  })

  it('asks at a terminal', async () => {
    const terminal = new Terminal(['package', 'init', 'wiki', '--set', 'database=redis'], {home: place.folder})
    await terminal.answer('Title', 'My wiki')
    await terminal.answer('Image', 'example.com/wiki:1.0')
    await terminal.answer('Port', '8000')
    await terminal.answer('Path')
    await terminal.answer('Folder')
    await terminal.answer('Database')
    await terminal.answer('Everything')
    expect(await terminal.ended()).to.equal(0)
    const written = await readFile(file('package.yaml'), 'utf8')
    expect(written).to.include('title: My wiki').and.include('port: 8000').and.include('interface: redis')
  })
})

describe('package dev', function () {
  this.timeout(30_000)
  const place = inTemporaryHome()
  const file = (name: string) => join(place.folder, 'wiki', name)

  it('shows what each save changes, faults with their places, and ends with Ctrl-C', async () => {
    await berth`package init wiki`
    const rounds: {
      fault: string | null
      findings: {rule: string}[]
      changes: {object: string; fields: {field: string}[]}[]
    }[] = []
    const run = await runBerth(['package', 'dev', './wiki', '--json'], {
      onStart: child => {
        let text = ''
        child.stdout?.on('data', async (chunk: Buffer) => {
          text += chunk
          const lines = text.split('\n')
          text = lines.pop() ?? ''
          for (const line of lines) {
            rounds.push(JSON.parse(line).result)
            if (rounds.length === 1) await edit('package.yaml', 'default: Hello', 'default: Ahoy')
            if (rounds.length === 2) await edit('resources/app.yaml', 'containers:', 'contaners:')
            if (rounds.length === 3) await edit('package.yaml', 'kind: Package', 'kind: Pakage')
            if (rounds.length === 4) child.kill('SIGINT')
          }
        })
      },
    })
    expect(run.exitCode).to.equal(0)
    const [first, second, third, fourth] = rounds
    expect(first?.changes.map(({object}) => object)).to.include('Deployment wiki-web')
    expect(second?.changes).to.have.length(1)
    expect(second?.changes[0]).to.deep.include({object: 'ConfigMap wiki-page'})
    expect(third?.findings.map(({rule}) => rule)).to.include('unknown-field')
    expect(fourth?.fault).to.match(/package\.yaml:3:7.*Pakage/)
  })

  async function edit(name: string, from: string, to: string): Promise<void> {
    await writeFile(file(name), (await readFile(file(name), 'utf8')).replace(from, to))
  }
})
