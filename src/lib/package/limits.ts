/** Bounds of a package; what the user meets of them is in docs and messages. A package is kept in a Secret: 1 MiB, base64. */
export const limits = {
  /** Of the compressed archive. */
  archiveBytes: 700 * 1024,
  /** Of all files together. */
  totalBytes: 8 * 1024 * 1024,
  files: 1_000,
  pathLength: 200,
  /** Of one YAML file. */
  yamlBytes: 512 * 1024,
  /** Lines and commas of one YAML file: about what there are nodes. */
  yamlPieces: 40_000,
  /** Brackets that are open at once, before the parser is asked; scripts in block texts count, so it is generous. */
  yamlBrackets: 400,
  /** Nodes of one YAML file, with what aliases repeat. */
  yamlNodes: 50_000,
  yamlDepth: 100,
  /** Objects that a package may render to. */
  objects: 500,
  /** Of one rendered object: what the API server takes, less what it adds. */
  objectBytes: 1024 * 1024,
  /** Of everything rendered. */
  renderedBytes: 4 * 1024 * 1024,
} as const
