import {expect} from 'chai'
import {isAppName} from '../../src/lib/anchor/index.ts'
import {providerName} from '../../src/lib/app/new-provider.ts'

describe('names of providers that are installed first', () => {
  it('say whose they are and what for, the same each time, and are names', () => {
    expect(providerName('news', 'database')).to.equal('news-database')
    expect(providerName('news', 'smtp.mainServer')).to.equal('news-smtp-mainserver')
    const long = 'a'.repeat(40)
    for (const parameter of ['database', 'data_', 'x'.repeat(200), '_'])
      for (const app of ['n', 'news', 'a'.repeat(31), 'a'.repeat(32), `${'a'.repeat(31)}-b`, long]) {
        expect(isAppName(providerName(app, parameter)), `${app} ${parameter}`).to.equal(true)
      }
    expect(providerName(long, 'database')).not.to.equal(providerName(long, 'cache'))
  })
})
