import type {Finding, Package} from '../package/index.ts'
import {invalidPackage} from '../package/index.ts'
import {type AnswersFile, readAnswersFile} from '../params/index.ts'
import {
  either,
  filled,
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

const testFile = object(
  {},
  {
    providers: filled(record(text({description: 'a package'})), {}),
    checks: filled(list(either(httpCheck, execCheck, objectCheck)), []),
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
export type Check = HttpCheck | ExecCheck | ObjectCheck

/** One installation to try: answers, apps that it needs first (name to package), what must hold then. */
export interface TestCase {
  name: string
  answers: AnswersFile
  providers: Record<string, string>
  checks: Check[]
}

const suffix = '.checks.yaml'

/**
 * The tests of a package: one for each answers file in `tests/`, with the checks for all and its own; one without answers where there
 * are none. @throws UserError `package.invalid`, `params.invalid`
 */
export function testCases({files}: Package): TestCase[] {
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
    return {
      name: path.slice('tests/'.length, -'.yaml'.length),
      answers: readAnswersFile(text, path),
      providers: {...shared.providers, ...own.providers},
      checks: [...shared.checks, ...own.checks],
    }
  })
}

function readChecks(file: string, named: ReadonlyMap<string, string>): TestFile {
  const {documents, findings} = parseYamlFile(file, named.get(file) ?? '')
  const faults: Finding[] = findings.filter(({severity}) => severity === 'error')
  const [root] = documents
  const found = root === undefined ? {providers: {}, checks: []} : readYaml(checksSchema, root, faults, 'checks')
  if (faults.length > 0) throw invalidPackage(faults)
  return found
}
