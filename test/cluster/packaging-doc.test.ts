import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {followPage} from '../cli/follow-page.ts'

describe('docs/packaging.md', function () {
  this.timeout(120_000)
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-packaging-'))
  })
  after(() => rm(folder, {recursive: true}))

  it('is true', () => followPage('docs/packaging.md', folder))
})
