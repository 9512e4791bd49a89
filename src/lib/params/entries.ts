import {readDeclaration} from './declaration.ts'
import {isTemplated} from './expressions.ts'
import {isGroup} from './fields.ts'
import {isRecord, type Path} from './json.ts'
import {kinds} from './kinds/index.ts'
import {resolveReference} from './schema/reference.ts'
import {mapSubschemas} from './schema/words.ts'
import type {ParametersSchema, ParamSchema} from './types.ts'

/** A schema that is no parameter of its own: of an entry of a list or dictionary, or of something in one. */
interface Entry {
  schema: ParamSchema
  /** Through the `$ref`s that lead to it, as if what they point at stood there. */
  path: Path
}

/** All of them, each once. */
export function entriesOf(parameters: ParametersSchema): Entry[] {
  const {root, follow} = readDeclaration(parameters)
  const entries: Entry[] = []
  const seen = {named: new Set<ParamSchema>(), entry: new Set<ParamSchema>()}
  visit(root, [], true)
  return entries

  function visit(schema: ParamSchema, path: Path, named: boolean): void {
    const known = named ? seen.named : seen.entry
    if (known.has(schema)) return
    known.add(schema)
    if (!named) entries.push({schema, path})
    const target = typeof schema.$ref === 'string' ? resolveReference(schema.$ref, root) : undefined
    if (isRecord(target)) visit(target as ParamSchema, path, named)
    const group = named && isGroup(follow(schema))
    mapSubschemas(schema, (part, below) => {
      if (below[0] !== '$defs') visit(part, [...path, ...below], group && below[0] === 'properties')
    })
  }
}

/** What only a parameter can have, and what to do in an entry instead. */
const ofParameters: Record<string, string> = {
  when: 'only parameters have conditions, entries of lists do not',
  formerly: 'only parameters are renamed so: say it in `migrations`, which can work out a whole list anew',
  immutable: 'only parameters are immutable: say it of the list or dictionary',
}

/** What a declaration says of entries and berth cannot do there. A package with such a fault is refused: what it says would be ignored. */
export function entryFaults(parameters: ParametersSchema): {path: Path; rule: string; message: string}[] {
  return entriesOf(parameters).flatMap(({schema, path}) => {
    const faults = Object.entries(ofParameters).flatMap(([word, message]) =>
      schema[word] === undefined ? [] : [{path: [...path, word], rule: word, message}],
    )
    if (isTemplated(schema.default)) {
      const message = 'has ${}, as only defaults of parameters may: write it in the template, x != null ? x : …'
      faults.push({path: [...path, 'default'], rule: 'default', message})
    }
    const kind = kinds.get(schema.kind ?? '')
    if (kind?.named) {
      const message = `a ${kind.name} needs a name of its own: it cannot be an entry of a list or dictionary`
      faults.push({path: [...path, 'kind'], rule: 'kind-in-entry', message})
    }
    return faults
  })
}
