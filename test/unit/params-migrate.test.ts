import {expect} from 'chai'
import {migrateAnswers} from '../../src/lib/params/index.ts'

describe('params: answers of earlier versions', () => {
  const migrations = [
    {below: '3.0.0', set: {'/mail/host': 'old.smtp.host', '/mail/port': 'int(old.smtp.port)'}, remove: ['/smtp']},
    {
      below: '2.0.0',
      set: {'/smtp/host': 'old.server', '/smtp/port': 'old.tls == true ? "465" : "25"'},
      remove: ['/server'],
    },
  ]
  const migrate = (from: string, answers: Record<string, unknown>) => migrateAnswers(migrations, from, answers)

  it('go through each version after theirs, in order', () => {
    const {answers, errors} = migrate('1.9.0', {server: 'mx', tls: true, title: 'x'})
    expect(errors).to.deep.equal([])
    expect(answers).to.deep.equal({tls: true, title: 'x', mail: {host: 'mx', port: 465}})
    expect(migrate('2.0.0', {smtp: {host: 'mx', port: '1'}}).answers).to.deep.equal({mail: {host: 'mx', port: 1}})
    expect(migrate('3.0.0', {smtp: 1}).answers).to.deep.equal({smtp: 1})
  })

  it('set nothing where nothing was answered, and say what cannot be worked out', () => {
    expect(migrate('2.1.0', {})).to.deep.equal({answers: {}, errors: []})
    expect(migrate('2.1.0', {smtp: {host: 'mx'}}).answers).to.deep.equal({mail: {host: 'mx'}})
    const {errors} = migrate('2.1.0', {smtp: {port: 'many'}})
    expect(errors[0]).to.include({field: '/mail/port', code: 'migration'})
    expect(errors[0]?.message).to.include('cannot be brought from version 2.1.0 to 3.0.0')
  })

  it('are left as they were given', () => {
    const given = {server: 'mx'}
    migrate('1.0.0', given)
    expect(given).to.deep.equal({server: 'mx'})
  })
})
