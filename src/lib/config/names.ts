/** Of a repository, as a pattern of JSON Schema. */
export const repositoryName = '^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$'

export const isRepositoryName = (name: string) => new RegExp(repositoryName).test(name)
