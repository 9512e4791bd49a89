import {join} from 'node:path'
import {expect} from 'chai'
import {root} from '../cli/support.ts'
import {anchorOf, apps, ended} from './apps.ts'

const run = apps()

interface Step {
  do: string
  object?: {kind: string; name: string}
  parameter?: string
  interface?: string
}

/** Its image is not in the sandbox, so that it is tried as far as the server's own dry run goes. */
describe('packages/nextcloud: either of two databases, a cache, mail, a volume, background jobs, a worker, several hosts', function () {
  this.timeout(60_000)
  const folder = join(root, 'packages/nextcloud')
  let space = ''
  const cache = {$literal: {host: 'cache', port: 6379, user: 'cloud', password: 'secret-of-cache', prefix: 'cloud:'}}
  const mail = {
    $literal: {host: 'mx', port: 465, user: 'cloud@example.com', password: 'secret-of-mail', encryption: 'tls'},
  }
  const mysql = {$literal: {host: 'my', port: 3306, name: 'cloud', user: 'cloud', password: 'secret-of-database'}}

  const plan = async (answers: object) => {
    const words = ['app', 'install', folder, 'cloud', '-n', space, '-f', '-', '--dry-run', '--json']
    const {json} = ended(await run.berth(words, {stdin: JSON.stringify(answers)}), 0)
    return json.result.plan.steps as Step[]
  }
  const rendered = async (answers: object) => {
    const words = ['package', 'render', folder, 'cloud', '-n', space, '-f', '-', '--json']
    return ended(await run.berth(words, {stdin: JSON.stringify(answers)}), 0).stdout
  }

  before(async () => {
    space = await run.namespace('cloud')
    ended(await run.berth(['app', 'install', 'store', 'st', '-n', space, '--yes', '--json']), 0)
  })

  it('has no faults', async () => {
    const {json} = ended(await run.berth(['package', 'lint', folder, '--cluster', '--json']), 0)
    expect(json.result.findings.filter(({level}: {level: string}) => level === 'error')).to.deep.equal([])
  })

  it('with a provider of the cluster for its database: a dry run on the server takes every object', async () => {
    const steps = await plan({cache, postgresql: `app:${space}/st`, moreHosts: ['files.example.com']})
    expect(
      steps.flatMap(({do: kind, object}) => (kind === 'create' ? `${object?.kind} ${object?.name}` : [])),
    ).to.have.members([
      'Secret cloud-secrets',
      'PersistentVolumeClaim cloud-data',
      'ConfigMap cloud-berth',
      'Deployment cloud',
      'Deployment cloud-worker',
      'CronJob cloud-cron',
      'Service cloud-web',
      'Ingress cloud-web',
    ])
    expect(steps.filter(step => step.do === 'provision')).to.containSubset([
      {parameter: 'postgresql', interface: 'postgresql'},
    ])
    expect(await anchorOf(run.kube, space, 'cloud'), 'it was only tried').to.equal(undefined)
  })

  it('with the other database, mail, and a certificate', async () => {
    const answers = {
      database: 'mysql',
      mysql,
      cache,
      mail,
      tls: true,
      host: 'cloud.example.com',
      moreHosts: ['b.example.com'],
    }
    expect((await plan(answers)).filter(step => step.do === 'provision')).to.deep.equal([])
    const text = await rendered(answers)
    for (const words of ['MYSQL_HOST', '"my:3306"', 'MAIL_HOST', 'cloud.example.com b.example.com', 'cloud-web-tls'])
      expect(text).to.include(words)
    expect(text)
      .not.to.include('POSTGRES')
      .and.not.to.match(/secret-of-/)
  })

  it('wants just the database that was chosen', async () => {
    const refused = async (answers: object) => {
      const words = ['app', 'validate', folder, 'cloud', '-n', space, '-f', '-', '--json']
      const {json} = ended(await run.berth(words, {stdin: JSON.stringify(answers)}), 2, 'params.invalid')
      return json.error.details.map(({field}: {field: string}) => field)
    }
    expect(await refused({cache})).to.deep.equal(['/postgresql'])
    expect(await refused({cache, database: 'mysql', postgresql: `app:${space}/st`})).to.deep.equal(['/mysql'])
  })
})
