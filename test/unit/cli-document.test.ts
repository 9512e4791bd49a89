import {expect} from 'chai'
import {machineFormatOf, resultDocument, serialize} from '../../src/cli/document.ts'

describe('which format the arguments ask for', () => {
  const cases: [string, string | undefined][] = [
    ['app list', undefined],
    ['app list --json', 'json'],
    ['app list -o json', 'json'],
    ['app list -ojson', 'json'],
    ['app list -o=json', 'json'],
    ['app list --output json', 'json'],
    ['app list --output=yaml', 'yaml'],
    ['app list -o wide', undefined],
    ['app exec x -- --json', undefined],
    ['--json', 'json'],
    ['frobnicate --wrong --json', 'json'],
  ]
  for (const [words, format] of cases)
    it(`${words}: ${format ?? 'for a person'}`, () => expect(machineFormatOf(words.split(' '))).to.equal(format))
})

describe('documents', () => {
  it('hold large integers and maps as JSON can', async () => {
    const result = {small: 5n, large: 2n ** 70n, map: new Map([['a', 1]])}
    expect(JSON.parse(serialize(resultDocument('X', result, []), 'json')).result).to.deep.equal({
      small: 5,
      large: '1180591620717411303424',
      map: {a: 1},
    })
  })

  it('of a stream take one line', async () => {
    expect(serialize(resultDocument('X', {a: [1, 2]}, []), 'json', true).trimEnd()).not.to.contain('\n')
  })
})
