import {UserError} from '../errors.ts'

export const repositoryNotFound = (name: string, known: string[], meant: string | undefined, folder?: string) =>
  new UserError('repo.not-found', {
    message: `there is no repository ${name}${known.length > 0 ? ` (configured: ${known.join(', ')})` : ''}`,
    details: {name, known, ...(meant === undefined ? {} : {suggestion: meant})},
    hint: [
      ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
      folder === undefined ? `berth repo add ${name} FOLDER` : `for the folder of that name write ./${folder}`,
    ],
  })

export const badRepositoryName = (name: string) =>
  new UserError('usage.invalid', {
    message: `"${name}" cannot be the name of a repository`,
    hint: 'a name has up to 40 lower-case letters, digits and dashes',
  })

export const repositoryExists = (name: string, location: string) =>
  new UserError('repo.exists', {
    message: `there is a repository ${name} already, at ${location}`,
    details: {name, location},
    hint: `berth repo remove ${name}`,
  })

export const locationNotFound = (location: string, name?: string) =>
  new UserError('repo.not-found', {
    message: `there is nothing at ${location}${name ? `, where the repository ${name} should be` : ''}`,
    details: {location, ...(name === undefined ? {} : {name})},
    ...(name === undefined ? {} : {hint: `berth repo remove ${name}`}),
  })

export const locationInvalid = (location: string, why: string, hint?: string) =>
  new UserError('repo.invalid', {
    message: `${location} is not a repository: ${why}`,
    details: {location},
    ...(hint === undefined ? {} : {hint}),
  })

export const referenceInvalid = (text: string, why: string) =>
  new UserError('usage.invalid', {
    message: `"${text}" does not name a package: ${why}`,
    hint: 'write name, name@1.2.3, name@^1.2, repository/name, ./folder or file.tgz',
  })

export const packageNotFound = (
  name: string,
  {
    repository,
    known,
    meant,
    folder,
  }: {repository: string | undefined; known: number; meant: string | undefined; folder: string | undefined},
) =>
  new UserError('package.not-found', {
    message: `${repository === undefined ? 'no repository has' : `the repository ${repository} does not have`} a package ${name}${known === 0 ? ': there are no packages at all' : ''}`,
    details: {
      name,
      ...(repository === undefined ? {} : {repository}),
      ...(meant === undefined ? {} : {suggestion: meant}),
    },
    hint: [
      ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
      ...(folder === undefined ? [] : [`for the folder of that name write ./${folder}`]),
      known === 0 ? 'berth repo add NAME FOLDER' : 'berth repo search',
    ],
  })

export const pathNotFound = (path: string) =>
  new UserError('package.not-found', {
    message: `there is no package at ${path}`,
    details: {path},
    hint: 'name a folder with a package.yaml, or a .tgz made by berth package build',
  })

export const versionNotFound = (name: string, range: string, available: string[]) =>
  new UserError('package.version-not-found', {
    message: `the package ${name} has no version ${range}; it has ${available.slice(0, 8).join(', ')}${available.length > 8 ? ` and ${available.length - 8} more` : ''}`,
    details: {name, range, available},
    hint: `newest: ${name}@${available[0]}`,
  })

export const ambiguous = (name: string, repositories: string[]) =>
  new UserError('package.ambiguous', {
    message: `the repositories ${repositories.join(' and ')} each have a package ${name}`,
    details: {name, repositories},
    hint: repositories.map(repository => `${repository}/${name}`),
  })

export const differentInside = (location: string, outside: string, inside: string) =>
  new UserError('package.integrity', {
    message: `${location} says it is ${outside}, but holds ${inside}`,
    details: {location, expected: outside, got: inside},
  })
