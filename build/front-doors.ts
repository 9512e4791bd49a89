import {readFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {Plugin} from 'esbuild'

/**
 * A room of lib is entered through its `index.ts`, and esbuild takes whoever opens that door for a user of the whole room: `app list` would
 * load the expression language. So names that come through a door are imported from where they live, which the door says; no source changes.
 */
export function frontDoors(): Plugin {
  const doors = new Map<string, Promise<Door>>()
  const doorOf = (path: string) => {
    const known = doors.get(path) ?? readDoor(path)
    doors.set(path, known)
    return known
  }
  return {
    name: 'front-doors',
    setup({onLoad}) {
      onLoad({filter: /\/src\/.*\.ts$/}, async ({path}) => {
        const source = await readFile(path, 'utf8')
        const imports = [...source.matchAll(IMPORT)]
        const doorless = await Promise.all(
          imports.map(async ([statement, names = '', from = '']) =>
            pastDoor(statement, wordsOf(names), from, await doorOf(join(dirname(path), from))),
          ),
        )
        return {contents: source.replace(IMPORT, () => doorless.shift() ?? ''), loader: 'ts'}
      })
    },
  }
}

const IMPORT = /^import \{([^}]*)\} from '(\.[^']*\/index\.ts)'$/gm
const EXPORT = /^export \{([^}]*)\} from '\.\/([^']*)'$/gm

/** By the name outside: the file and the name inside. */
type Door = Map<string, {file: string; name: string}>

/** Where each value that leaves through a door lives: `connect` is in `connect.ts`. Types live nowhere at run time. */
async function readDoor(path: string): Promise<Door> {
  const source = await readFile(path, 'utf8')
  return new Map(
    [...source.matchAll(EXPORT)].flatMap(([, names = '', file = '']) =>
      wordsOf(names).map(name => [outer(name), {file, name: inner(name)}] as const),
    ),
  )
}

/** One import a name; a name that no door knows (the door does more than pass on) leaves the statement as it is. */
function pastDoor(statement: string, names: string[], from: string, door: Door): string {
  const imports = names.map(name => {
    const lives = door.get(inner(name))
    return lives && `import {${lives.name} as ${outer(name)}} from '${dirname(from)}/${lives.file}'`
  })
  return imports.includes(undefined) ? statement : imports.join(';')
}

/** Of `a as b`, the name before and the name after. */
const inner = (name: string) => name.split(' as ')[0] ?? name
const outer = (name: string) => name.split(' as ').at(-1) ?? name

const wordsOf = (names: string) =>
  names
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && !name.startsWith('type '))
