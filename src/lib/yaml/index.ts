/**
 * YAML files that people write: a tree that knows where everything stands, and schemas that say what may stand there. From one schema
 * come the TypeScript type, the JSON Schema for editors, the value with its defaults, and the faults with line and column.
 */
export {parseYamlFile} from './parse.ts'
export {readYaml} from './read.ts'
export type {JsonSchema, Schema, TypeOf} from './schema.ts'
export {
  anything,
  choice,
  constant,
  either,
  filled,
  integer,
  list,
  nothing,
  object,
  record,
  text,
  truth,
} from './schema.ts'
export type {Edit, Finding, YamlEntry, YamlMap, YamlNode} from './tree.ts'
export {applyEdits, entryOf, finding, nodeAt, plainValue, positionOf} from './tree.ts'
