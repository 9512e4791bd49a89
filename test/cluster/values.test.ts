import {expect} from 'chai'
import {getObject, listObjects} from '../../src/lib/kube/index.ts'
import {anchorOf, apps, ended, inPod, secretOf} from './apps.ts'

describe('values: what apps share under a name', function () {
  this.timeout(180_000)
  const a = apps()
  let namespace = ''
  const at = () => ['-n', namespace, '--json']
  const value = (...args: string[]) => a.berth(['value', ...args, ...at()])
  const mail = async () =>
    (await getObject(a.kube, {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'm-mail'})).data

  before(async () => {
    namespace = await a.namespace('values')
    ended(await value('set', 'smtp-host', 'mail.example.com'), 0)
    ended(await value('set', 'smtp-port', '587'), 0)
    ended(await value('set', 'domains', '["a.example","b.example"]'), 0)
    const secret = ['value', 'set', 'smtp-password', '--secret', '--env', 'PASSWORD', ...at()]
    ended(await a.berth(secret, {env: {PASSWORD: 'first one'}}), 0)
    const set = ['host=smtp-host', 'port=smtp-port', 'domains=domains', 'password=smtp-password']
    ended(
      await a.berth(['app', 'install', 'mailer', 'm', ...set.flatMap(one => ['--set-value', one]), '--yes', ...at()]),
      0,
    )
  })

  it('an app gets what they say, as its parameters take it', async () => {
    expect(await mail()).to.deep.equal({address: 'mail.example.com:587', domains: 'a.example b.example'})
    expect(await secretOf(a.kube, namespace, 'm', 'password')).to.equal('first one')
    const {current, object} = (await anchorOf(a.kube, namespace, 'm')) ?? {}
    expect(current.answers).to.deep.equal({
      host: {$value: 'smtp-host'},
      port: {$value: 'smtp-port'},
      domains: {$value: 'domains'},
      password: {$value: 'smtp-password'},
    })
    expect(JSON.stringify(object)).not.to.contain('first one')
  })

  it('says what there is and who uses it, and shows a secret only when told to', async () => {
    const {items} = ended(await value('list'), 0).json.result as {items: {name: string; value: string | null}[]}
    const own = items.filter(row => 'namespace' in row && row.namespace === namespace)
    expect(own.map(row => [row.name, row.value])).to.deep.equal([
      ['domains', '["a.example","b.example"]'],
      ['smtp-host', 'mail.example.com'],
      ['smtp-password', null],
      ['smtp-port', '587'],
    ])
    expect(ended(await value('users', 'smtp-port'), 0).json.result).to.deep.include({
      users: [{app: {namespace, name: 'm'}, parameters: ['port']}],
    })
    expect(ended(await value('get', 'smtp-password'), 0).json.result).to.deep.include({secret: true, value: null})
    const revealed = async () => {
      const {items} = await listObjects(a.kube, {apiVersion: 'v1', kind: 'Event'}, {namespace})
      return items.filter(({reason}) => reason === 'SecretRevealed')
    }
    expect(await revealed()).to.deep.equal([])
    expect(ended(await value('get', 'smtp-password', '--reveal'), 0).json.result).to.include({value: 'first one'})
    const [event, ...more] = await revealed()
    expect(more).to.deep.equal([])
    expect(event).to.containSubset({involvedObject: {kind: 'Secret', name: 'berth-value.smtp-password'}})
    expect(event?.message).to.match(/ was shown the shared value values-\w+\/smtp-password$/)
    expect(JSON.stringify(event)).not.to.contain('first one')
    expect(ended(await value('get', 'smtp-host', '--reveal'), 0).json.result).to.include({secret: false})
    expect(await revealed(), 'what is no secret is not recorded').to.have.length(1)
    ended(await value('get', 'nowhere'), 3, 'value.not-found')
  })

  it('a change waits, names whom it reaches, and rolls them where that is asked', async () => {
    const waiting = ended(await value('set', 'smtp-host', 'mx.example.com'), 0).json.result
    expect(waiting).to.deep.include({
      change: 'changed',
      users: [{app: {namespace, name: 'm'}, parameters: ['host'], state: 'waiting', error: null}],
    })
    expect(await mail()).to.include({address: 'mail.example.com:587'})
    const rolled = ended(await value('set', 'smtp-host', 'mx.example.com', '--roll', '--yes'), 0).json.result
    expect(rolled).to.deep.include({
      change: 'none',
      users: [{app: {namespace, name: 'm'}, parameters: ['host'], state: 'rolled', error: null}],
    })
    expect(await mail()).to.include({address: 'mx.example.com:587'})
  })

  it('a secret rolls the pods that read it', async () => {
    const set = ['value', 'set', 'smtp-password', '--env', 'PASSWORD', '--roll', '--yes', ...at()]
    const run = ended(await a.berth(set, {env: {PASSWORD: 'second one'}}), 0)
    expect(run.stdout + run.stderr).not.to.contain('second one')
    expect(await inPod(a.kube, namespace, 'm', 'printf %s "$PASSWORD"')).to.equal('second one')
  })

  it('what does not fit is told at the field, and nothing is changed', async () => {
    ended(await value('set', 'smtp-port', 'ninety'), 0)
    const rolled = ended(await value('set', 'smtp-port', 'ninety', '--roll', '--yes'), 6).json.result
    expect(JSON.stringify(rolled)).to.contain('port must be a whole number, and the shared value smtp-port is not')
    expect(await mail()).to.include({address: 'mx.example.com:587'})
    const wrong = ['host=smtp-password', 'password=smtp-host', 'port=nowhere'].flatMap(one => ['--set-value', one])
    const refused = ended(await a.berth(['app', 'validate', 'mailer', 'w', ...wrong, ...at()]), 2, 'params.invalid')
    const messages = (refused.json.error.details as {message: string}[]).map(({message}) => message)
    expect(messages).to.deep.equal([
      'asks for no secret, and the shared value smtp-password is one',
      'there is no shared value nowhere: berth value list shows those there are',
      'asks for a secret, and the shared value smtp-host is none',
    ])
  })

  it('a secret is no argument, and stays a secret', async () => {
    ended(await value('set', 'other', 'seen by all', '--secret'), 2, 'usage.invalid')
    ended(await value('set', 'smtp-password', 'seen by all'), 4, 'value.exists')
  })

  it('is not deleted while an app uses it', async () => {
    const refused = ended(await value('delete', 'smtp-host'), 4, 'value.in-use')
    expect(refused.json.error.details).to.deep.include({users: [{app: {namespace, name: 'm'}, parameters: ['host']}]})
    ended(await a.berth(['app', 'uninstall', 'm', '--delete-data', '--yes', ...at()]), 0)
    ended(await value('delete', 'smtp-host'), 0)
    ended(await value('delete', 'smtp-host'), 3, 'value.not-found')
  })

  it("stands for the whole cluster, too, and the namespace's own comes first", async () => {
    const name = `test-${namespace}`
    const cluster = (...args: string[]) => a.berth(['value', ...args, '--cluster', '--json'])
    ended(await cluster('set', name, 'everywhere'), 0)
    try {
      const install = ['app', 'install', 'plain', 'p', '--set-value', `text=${name}`, '--yes', ...at()]
      ended(await a.berth(install), 0)
      const map = {apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'p-text'}
      expect((await getObject(a.kube, map)).data).to.deep.equal({text: 'everywhere'})
      ended(await cluster('delete', name), 4, 'value.in-use')
      ended(await value('set', name, 'here'), 0)
      expect(ended(await value('get', name), 0).json.result).to.include({value: 'here', scope: 'namespace'})
      ended(await cluster('set', name, 'everywhere', '--roll', '--yes'), 0)
      expect((await getObject(a.kube, map)).data).to.deep.equal({text: 'here'})
      ended(await value('delete', name), 4, 'value.in-use')
    } finally {
      ended(await cluster('delete', name, '--force'), 0)
    }
  })
})
