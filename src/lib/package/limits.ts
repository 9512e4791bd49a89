/** Bounds of a package; what the user meets of them is in docs and messages. A package is kept in a Secret: 1 MiB, base64. */
export const limits = {
  /** Of the compressed archive. */
  archiveBytes: 700 * 1024,
  /** Of all files together. */
  totalBytes: 8 * 1024 * 1024,
  files: 1_000,
  pathLength: 200,
  /** Objects that a package may render to. */
  objects: 500,
  /** Of one rendered object: what the API server takes, less what it adds. */
  objectBytes: 1024 * 1024,
  /** Of everything rendered. */
  renderedBytes: 4 * 1024 * 1024,
  /** Nodes of templates that a render may go through. */
  renderedNodes: 200_000,
} as const
