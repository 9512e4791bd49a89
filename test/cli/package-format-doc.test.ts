import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect} from 'chai'
import {followPage} from './follow-page.ts'
import {inTemporaryHome, root} from './support.ts'

interface Schema {
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  items?: Schema
  anyOf?: Schema[]
}

const page = 'docs/package-format.md'

describe(page, function () {
  this.timeout(60_000)
  const place = inTemporaryHome()

  it('is true', () => followPage(page, place.folder))

  it('has every field of the schemas, where its heading says', async () => {
    const chapters = await readChapters()
    const undocumented: string[] = []
    const look = (
      name: string,
      {properties = {}, additionalProperties: each, items, anyOf = []}: Schema,
      at: string,
    ) => {
      const chapter = chapters.get(at)
      expect(chapter, `a chapter ${at}`).to.not.equal(undefined)
      for (const [field, inner] of Object.entries(properties)) {
        const own = name.startsWith('package') && chapters.has(field)
        if (!own && !chapter?.has(field)) undocumented.push(`${name}.${field} (in ${at})`)
        look(`${name}.${field}`, inner, own ? field : at)
      }
      for (const inner of [each, items, ...anyOf]) if (typeof inner === 'object') look(name, inner, at)
    }
    for (const [schema, chapter] of [
      ['package', 'About the package'],
      ['kind', 'kinds/*.yaml'],
      ['interface', 'interfaces/*.yaml'],
      ['checks', 'tests/*.yaml'],
    ] as const)
      look(schema, JSON.parse(await readFile(join(root, `schemas/${schema}.schema.json`), 'utf8')) as Schema, chapter)
    expect(undocumented).to.deep.equal([])
  })
})

/** The words in code of each chapter, by each name in its heading; what stands in examples only is not told. */
async function readChapters(): Promise<Map<string, Set<string>>> {
  const text = (await readFile(join(root, page), 'utf8')).replaceAll(/^```.*?^```$/gms, '')
  return new Map(
    text.split(/^## /m).flatMap(chapter => {
      const [heading = ''] = chapter.split('\n')
      const told = new Set([...chapter.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => code.match(/\w+/g) ?? []))
      const names = [...heading.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
      return (names.length > 0 ? names : [heading]).map(name => [name, told] as const)
    }),
  )
}
