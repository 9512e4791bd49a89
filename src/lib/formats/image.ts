/** An image as a container runtime fetches it. */
export interface ImageReference {
  /** `docker.io` where none is said. */
  registry: string
  /** `library/postgres`, of Docker Hub's `postgres`. */
  repository: string
  tag?: string
  /** `sha256:…` */
  digest?: string
}

// The grammar of github.com/distribution/reference, v0.6.0, which the runtimes of Kubernetes read by.
const component = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const registryPattern = new RegExp(`^(?:${component}(?:\\.${component})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const path = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${path}(?:/${path})*$`)
const tagPattern = /^\w[\w.-]{0,127}$/
const digestLengths: Readonly<Record<string, number>> = {sha256: 64, sha384: 96, sha512: 128}

const mostRepositoryCharacters = 255
const mostCharacters = 1024

/** Reads `registry/repository:tag@digest`; the problem names the part that is wrong. */
export function parseImage(text: string): {image: ImageReference} | {problem: string} {
  if (text.length > mostCharacters) return {problem: `is longer than ${mostCharacters} characters`}
  if (/^[a-z]+:\/\//i.test(text)) return {problem: 'must be without https://'}
  const [named = '', ...afterAt] = text.split('@')
  const [, name = '', tag] = /^(.*?)(?::([^/]*))?$/s.exec(named) ?? []
  const digest = afterAt.length === 0 ? undefined : afterAt.join('@')
  if (digest !== undefined && !isDigest(digest)) return wrong('digest', digest, 'sha256: and 64 of 0-9a-f')
  if (tag !== undefined && !tagPattern.test(tag)) return wrong('tag', tag, 'letters, digits, _ . -, at most 128')
  const {registry, repository} = splitName(name)
  if (!registryPattern.test(registry)) return wrong('registry', registry, 'a host name, and a port if need be')
  if (!repositoryPattern.test(repository) || repository.length > mostRepositoryCharacters) {
    return wrong('repository', repository, 'lower-case letters and digits, . _ - between them, slashes, at most 255')
  }
  if (/^[a-f0-9]{64}$/.test(text)) return wrong('repository', text, 'a name, not the id of an image')
  return {image: {registry, repository, ...(tag === undefined ? {} : {tag}), ...(digest === undefined ? {} : {digest})}}
}

/** What stands before the first slash is a host only if it looks like one. */
function splitName(name: string): {registry: string; repository: string} {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const hosted = /[.:A-Z]/.test(first) || first === 'localhost'
  const rest = hosted ? name.slice(slash + 1) : name
  if (hosted && first !== 'docker.io' && first !== 'index.docker.io') return {registry: first, repository: rest}
  return {registry: 'docker.io', repository: rest.includes('/') ? rest : `library/${rest}`}
}

function isDigest(text: string): boolean {
  const [, algorithm = '', hex = ''] = /^(\w+):([a-f0-9]+)$/.exec(text) ?? []
  return Object.hasOwn(digestLengths, algorithm) && digestLengths[algorithm] === hex.length
}

function wrong(part: string, text: string, must: string): {problem: string} {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
  return {problem: `has a wrong ${part} ${shown}: it must be ${must}`}
}
