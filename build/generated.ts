import {checksSchema} from '../src/lib/authoring/index.ts'
import {interfaceSchema, kindSchema, lintRules, manifestSchema} from '../src/lib/package/index.ts'
import {appSetSchema} from '../src/lib/sets/index.ts'
import {errorTable} from './error-table.ts'
import {readManifest} from './manifest.ts'
import {resultSchemas, textOf} from './schemas.ts'

/** Every generated file that is committed, by its path in the checkout, as the source says it should be now. */
export async function generated(): Promise<Map<string, string>> {
  const manifest = await readManifest()
  const kinds = Object.values(manifest.commands).map(command => String(command.resultKind))
  const schemas = [...resultSchemas(kinds)].map(([name, text]) => [`schemas/${name}`, text] as const)
  return new Map([
    ['oclif.manifest.json', textOf(manifest)],
    ['docs/errors.md', errorTable()],
    ['schemas/interface.schema.json', textOf(interfaceSchema)],
    ['schemas/kind.schema.json', textOf(kindSchema)],
    ['docs/lint-rules.md', ruleTable()],
    ['schemas/checks.schema.json', textOf(checksSchema)],
    ['schemas/app-set.schema.json', textOf(appSetSchema)],
    ['schemas/package.schema.json', textOf(manifestSchema)],
    ...schemas,
  ])
}

function ruleTable(): string {
  const rows = Object.entries(lintRules).map(([rule, text]) => `| \`${rule}\` | ${text.replaceAll('|', '\\|')} |`)
  return `# Rules of \`berth package lint\`
Made from \`src/lib/package/lint-rules.ts\`. An error ends in exit code 2, a warning does not. Objects are tried with made-up answers: as
few as possible, and one for every parameter (its \`examples\` first). \`--fix\` writes what has one right answer.

| rule | what it finds |
| --- | --- |
${rows.join('\n')}
`
}
