import {didYouMean} from '../nearest.ts'
import type {Finding, Package} from '../package/index.ts'
import {invalidPackage} from '../package/index.ts'
import {type AnswersFile, readAnswersFile} from '../params/index.ts'
import {
  either,
  filled,
  finding,
  integer,
  list,
  object,
  parseYamlFile,
  readYaml,
  record,
  type Schema,
  type TypeOf,
  text,
} from '../yaml/index.ts'

const within = {within: integer(0, 600, {description: 'seconds until it must hold; 15 without'})}

const httpCheck = object(
  {
    name: text(),
    http: object(
      {endpoint: text({description: 'one of provides, of interface http'})},
      {
        path: text({pattern: '^/'}),
        status: integer(100, 599, {description: '200 without'}),
        contains: text({description: 'a text in the body'}),
      },
    ),
  },
  within,
)

const execCheck = object(
  {
    name: text(),
    exec: object(
      {component: text(), run: text({description: 'a script for sh; it must end with 0'})},
      {container: text(), contains: text({description: 'a text in what it prints'})},
    ),
  },
  within,
)

const objectCheck = object(
  {
    name: text(),
    object: object({apiVersion: text(), kind: text(), name: text()}, {}),
    check: text({description: 'a CEL expression over `object`, without ${}'}),
  },
  within,
)

const grantData = object({fill: text(), holds: text()}, {})

const testFile = object(
  {},
  {
    providers: filled(record(text({description: 'a package'})), {}),
    seed: {
      ...filled(list(execCheck), []),
      description: 'run once, as soon as it is installed; in a test of an upgrade that is the version before',
    },
    checks: filled(list(either(httpCheck, execCheck, objectCheck)), []),
    grants: {
      ...filled(record(grantData), {}),
      description:
        'of an endpoint: a script for sh that puts data into what a consumer, $1, has been given, and one that ends with 0 where it is there',
    },
  },
)

/** The schema of `tests/checks.yaml` and `tests/<answers>.checks.yaml`, published as `schemas/checks.schema.json`. */
export const checksSchema: Schema<TestFile> = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://berth.dev/schemas/checks.schema.json',
  title: 'checks of a berth package',
  ...testFile,
}

interface TestFile extends TypeOf<typeof testFile> {}
export type HttpCheck = TypeOf<typeof httpCheck>
export type ExecCheck = TypeOf<typeof execCheck>
export type ObjectCheck = TypeOf<typeof objectCheck>
export type GrantData = TypeOf<typeof grantData>
export type Check = HttpCheck | ExecCheck | ObjectCheck

/** One installation to try: answers, apps that it needs first (name to package), what must hold then. */
export interface TestCase {
  name: string
  answers: AnswersFile
  providers: Record<string, string>
  seed: ExecCheck[]
  checks: Check[]
  grants: Record<string, GrantData>
}

const suffix = '.checks.yaml'

/**
 * The tests of a package: one for each answers file in `tests/`, with the checks for all and its own; one without answers where there
 * are none. @throws UserError `package.invalid`, `params.invalid`
 */
export function testCases({files, manifest}: Package): TestCase[] {
  const texts = [...files]
    .filter(([path]) => /^tests\/[^/]+\.yaml$/.test(path))
    .map(([path, bytes]) => [path, Buffer.from(bytes).toString()] as const)
  const named = new Map(texts)
  const isChecks = (path: string) => path === 'tests/checks.yaml' || path.endsWith(suffix)
  const answers = texts.filter(([path]) => !isChecks(path))
  const cases = answers.length > 0 ? answers : [['tests/defaults.yaml', ''] as const]
  const shared = readChecks('tests/checks.yaml', named)
  return cases.map(([path, text]) => {
    const own = readChecks(path.replace(/\.yaml$/, suffix), named)
    const granting = Object.keys(manifest.provides).filter(name => manifest.provides[name]?.grant !== undefined)
    for (const name of Object.keys({...shared.grants, ...own.grants}))
      if (!granting.includes(name)) throw invalidPackage([noSuchGrant(path, name, granting)])
    return {
      name: path.slice('tests/'.length, -'.yaml'.length),
      answers: readAnswersFile(text, path),
      providers: {...shared.providers, ...own.providers},
      seed: [...shared.seed, ...own.seed],
      checks: [...shared.checks, ...own.checks],
      grants: {...shared.grants, ...own.grants},
    }
  })
}

const noSuchGrant = (file: string, name: string, known: string[]): Finding =>
  finding(
    'error',
    'checks',
    {file, line: 1, column: 1},
    `its checks have grants for ${name}, which is no endpoint with a grant`,
    didYouMean(name, known) ?? `there are: ${known.join(', ') || 'none'}`,
  )

function readChecks(file: string, named: ReadonlyMap<string, string>): TestFile {
  const {documents, findings} = parseYamlFile(file, named.get(file) ?? '')
  const faults: Finding[] = findings.filter(({severity}) => severity === 'error')
  const [root] = documents
  const found =
    root === undefined
      ? {providers: {}, seed: [], checks: [], grants: {}}
      : readYaml(checksSchema, root, faults, 'checks')
  if (faults.length > 0) throw invalidPackage(faults)
  return found
}
