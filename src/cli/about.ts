import manifest from '../../oclif.manifest.json' with {type: 'json'}
import {helpView} from '../view/help.ts'
import {type Version, versionView} from '../view/version.ts'
import {readCommandLine} from './command-line.ts'
import {resultDocument, serialize} from './document.ts'
import {unknownCommand} from './errors.ts'
import {helpFor} from './help.ts'
import type {Manifest} from './manifest.ts'
import {runProcess} from './process.ts'
import type {Session} from './session.ts'
import {write} from './streams.ts'

/** Everything that is no command: help, the version, and what nobody knows. */
export function about(argv: string[], env: Record<string, string | undefined>): Promise<never> {
  return runProcess({argv, env, commandWords: 0, interrupt: 'at-once'}, async session => {
    const {words, id, help, version} = readCommandLine(argv, Object.keys(commands))
    if (version && !help) return sayVersion(session)
    if (!help && (argv.length > 0 || session.format !== undefined)) throw noSuchCommand(words, argv.length > 0)
    const found = helpFor(commands, id?.split(':') ?? words)
    if (!found) throw noSuchCommand(words, false)
    return say(session, 'Help', found, helpView(found, session.out()))
  })
}

// `as`: TypeScript gives each command of the file a type of its own.
const {commands} = manifest as unknown as Manifest

function sayVersion(session: Session): Promise<number> {
  const {version} = session
  const found: Version = {version, node: process.version, platform: `${process.platform}-${process.arch}`}
  return say(session, 'Version', found, versionView(found, session.out()))
}

async function say({format, warnings}: Session, kind: string, result: unknown, text: string): Promise<number> {
  await write(process.stdout, format ? serialize(resultDocument(kind, result, warnings), format) : `${text}\n`)
  return 0
}

function noSuchCommand(words: string[], flagsFirst: boolean): Error {
  const known = Object.values(commands).map(({id}) => id.replaceAll(':', ' '))
  return unknownCommand(words.slice(0, 2).join(' '), known, flagsFirst && words.length === 0)
}
