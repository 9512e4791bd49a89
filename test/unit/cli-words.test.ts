import {expect} from 'chai'
import {parseDuration} from '../../src/cli/flags.ts'
import {scrub, scrubArguments} from '../../src/cli/scrub.ts'
import {colourLevel} from '../../src/cli/terminal.ts'
import type {Outcome, Plan} from '../../src/lib/app/index.ts'
import {nearest} from '../../src/lib/nearest.ts'
import {operationView, riskOf} from '../../src/view/app/plan.ts'
import {type AppStatus, appStatusView} from '../../src/view/app/status.ts'
import {type Column, cut, displayWidth, table} from '../../src/view/table.ts'
import type {Terminal} from '../../src/view/terminal.ts'
import {ago, bytes, duration, harmless, listOf} from '../../src/view/words.ts'

const plain = (text: string) => text
const terminal: Terminal = {
  columns: 40,
  quiet: false,
  wide: false,
  now: Date.parse('2026-01-02T00:00:00Z'),
  paint: {bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain},
}

describe('words for people', () => {
  it('times', () => {
    expect(ago('2026-01-01T00:00:00Z', terminal.now)).to.equal('1d')
    expect(ago(undefined, terminal.now)).to.equal('-')
    expect([0, 850, 3000, 125_000, 600_000, 7_200_000].map(duration)).to.deep.equal([
      '0ms',
      '850ms',
      '3s',
      '2m 5s',
      '10m',
      '2h',
    ])
  })

  it('colours and lines, and nothing that moves the cursor', () => {
    expect(harmless('plain\n\tlines')).to.equal('plain\n\tlines')
    expect(harmless('\x1b[1mW\x1b]0;owned\x07\x1b[2J\r\x9b1A\x1b[22m\nx')).to.equal(
      '\x1b[1mW^[]0;owned^G^[[2J^M^[1A\x1b[22m\x1b[m\nx',
    )
  })

  it('sizes, in binary units', () => {
    expect([0, 1023, 1536, 20 * 1024 ** 2, 1024 ** 4].map(bytes)).to.deep.equal([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '20 MiB',
      '1 TiB',
    ])
  })

  it('lists', () => {
    expect(listOf(['a'])).to.equal('a')
    expect(listOf(['a', 'b', 'c'])).to.equal('a, b and c')
    expect(listOf(['a', 'b', 'c', 'd'], 3)).to.equal('a, b and 2 more')
  })

  it('durations of flags', () => {
    expect(['90s', '5m', '1h30m', '250ms', '1.5h'].map(parseDuration)).to.deep.equal([
      90_000, 300_000, 5_400_000, 250, 5_400_000,
    ])
    for (const wrong of ['', '5', 'm', '5 m', '-5m', '5m!'])
      expect(() => parseDuration(wrong), wrong).to.throw('is not a duration')
  })

  it('did you mean: near words, no far ones', () => {
    expect(nearest('repo lst', ['repo list', 'repo add'])).to.equal('repo list')
    expect(nearest('appinstall', ['app install', 'app list'])).to.equal('app install')
    expect(nearest('jsn', ['json', 'yaml'])).to.equal('json')
    expect(nearest('frobnicate', ['json', 'yaml'])).to.equal(undefined)
    expect(nearest('ab', ['ba'])).to.equal('ba')
  })
})

describe('tables', () => {
  const columns: Column<{name: string; text: string}>[] = [
    {title: 'NAME', cell: ({name}) => name},
    {title: 'TEXT', cell: ({text}) => text, shrink: true},
  ]

  it('fit the terminal by cutting what may shrink', () => {
    const drawn = table(columns, [{name: 'a-rather-long-name', text: 'x'.repeat(60)}], terminal).split('\n')
    expect(drawn[0]).to.equal('NAME                TEXT')
    expect(drawn[1]).to.equal(`a-rather-long-name  ${'x'.repeat(19)}…`)
  })

  it('cut nothing in a pipe or with -o wide', () => {
    const rows = [{name: 'a', text: 'x'.repeat(60)}]
    expect(table(columns, rows, {...terminal, columns: Number.POSITIVE_INFINITY})).to.contain('x'.repeat(60))
    expect(table(columns, rows, {...terminal, wide: true})).to.contain('x'.repeat(60))
  })

  it('keep a cell on its line, whatever is in it', () => {
    expect(table(columns, [{name: 'a', text: 'one\n two'}], terminal).split('\n')).to.have.length(2)
  })

  it('know wide characters and colours', () => {
    expect(['abc', '日本', '👍', 'e\u0301', '\u001b[31mred\u001b[0m'].map(displayWidth)).to.deep.equal([3, 4, 2, 1, 3])
    expect(displayWidth(cut('日本語テキスト', 7))).to.be.at.most(7)
  })
})

describe('many pods', () => {
  const pod = (i: number, ready = true) => ({
    name: `web-${i}`,
    component: 'web',
    node: `node${(i % 2) + 1}`,
    ready,
    restarts: 0,
    state: 'Running',
    lastExit: null,
    created: null,
  })
  const status: AppStatus = {
    app: {namespace: 'shop', name: 'web'},
    phase: 'running',
    verdict: {healthy: true, reason: null, message: 'everything is ready', next: null},
    diagnoses: [],
    package: null,
    installedFor: null,
    revision: 1,
    operation: null,
    objects: [],
    pods: Array.from({length: 50}, (_, i) => pod(i, i !== 7)),
    endpoints: {},
    uses: [],
    certificates: [],
    users: [],
    history: [],
  }
  const namesIn = (text: string) => text.match(/web-\d+/g)

  it('at a terminal are counted, but for those that something is to be said of', () => {
    const said = appStatusView(status, {...terminal, columns: 100})
    expect(namesIn(said)).to.deep.equal(['web-7'])
    expect(said).to.match(/^49 more pods ready: 25 on node1 and 24 on node2; -o wide shows each$/m)
    expect(namesIn(appStatusView(status, {...terminal, wide: true}))).to.have.length(50)
    expect(namesIn(appStatusView(status, {...terminal, columns: Number.POSITIVE_INFINITY}))).to.have.length(50)
  })
})

describe('how an operation ended', () => {
  const app = {namespace: 'shop', name: 'web'}
  const ended = {app, package: null, revision: 1, warnings: []}
  const plan: Plan = {...ended, operation: 'install', changes: true, steps: [], checks: [], hash: ''}
  const outcome: Outcome = {
    ...{...ended, operation: 'install', notes: 'Open it.', urls: ['http://web'], retained: [], orphans: [], seconds: 1},
  }

  it('with notes and what is next, but for --quiet', () => {
    expect(operationView({plan, outcome}, terminal)).to.include('Open it.').and.to.include('next: berth app status web')
    const quiet = operationView({plan, outcome}, {...terminal, quiet: true})
    expect(quiet.split('\n')).to.deep.equal(['✓ shop/web installed in 1.0 s', '  http://web'])
  })
})

describe('plans that delete', () => {
  it("want a yes but for what holds nothing, told by its group: a Certificate may be a cloud's", () => {
    const risk = (apiVersion: string, kind: string) =>
      riskOf({steps: [{do: 'delete', object: {apiVersion, kind, name: 'a'}}]} as unknown as Plan)
    expect(risk('cert-manager.io/v1', 'Certificate')).to.equal(undefined)
    expect(risk('policy/v1', 'PodDisruptionBudget')).to.equal(undefined)
    expect(risk('acm.services.k8s.aws/v1alpha1', 'Certificate')).to.equal('it deletes 1 objects')
  })
})

describe('secrets in texts that nobody wrote for others', () => {
  for (const text of [
    'password=hunter2',
    '"password": "hunter2"',
    'PGPASSWORD: hunter2',
    'Authorization: Bearer hunter2hunter2',
    'https://bob:hunter2@host/path',
    'token=hunter2&x=1',
    '-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----',
    'jwt eyJhbGciOiJSUzI1NiJ9.hunter2.hunter2',
  ]) {
    it(text.split('\n', 1)[0] ?? '', () => expect(scrub(text)).not.to.contain('hunter2'))
  }

  it('leaves the rest readable', () => {
    expect(scrub('TypeError: x is not a function at token.ts:12')).to.contain('x is not a function')
  })

  it('of a command line leaves command and flags', () => {
    expect(scrubArguments(['app', 'install', 'pg', '--set', 'a=hunter2', '--set=b=hunter2', '-y'], 2)).to.deep.equal([
      'app',
      'install',
      '[…]',
      '--set',
      '[…]',
      '--set=[…]',
      '-y',
    ])
  })
})

describe('colours', () => {
  const tty = {isTTY: true}

  it('obey NO_COLOR, then FORCE_COLOR, then TERM, then the stream', () => {
    expect(colourLevel({NO_COLOR: '1', FORCE_COLOR: '3'}, tty)).to.equal(0)
    expect(colourLevel({NO_COLOR: ''}, tty)).to.equal(1)
    expect(colourLevel({FORCE_COLOR: '1', TERM: 'dumb'}, {})).to.equal(1)
    expect(colourLevel({FORCE_COLOR: '0'}, tty)).to.equal(0)
    expect(colourLevel({TERM: 'dumb'}, tty)).to.equal(0)
    expect(colourLevel({TERM: 'xterm-256color'}, tty)).to.equal(2)
    expect(colourLevel({TERM: 'xterm-256color'}, {})).to.equal(0)
  })
})
