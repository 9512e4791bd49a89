import {UserError} from '../errors.ts'
import {nearest} from '../nearest.ts'

export const noConfig = (looked: string[]) =>
  new UserError('cluster.no-config', {
    message: `no kubeconfig found${looked.length > 0 ? ` (looked for ${looked.join(', ')})` : ''}, and this is not a pod of a cluster`,
    details: {looked},
    hint: ['export KUBECONFIG=/path/to/kubeconfig   or pass --kubeconfig'],
  })

export const configInvalid = (file: string, what: string, cause?: unknown) =>
  new UserError('cluster.config-invalid', {message: `${file}: ${what}`, details: {file}, cause})

export const contextNotFound = (name: string, known: string[], where: string) => {
  const near = nearest(name, known)
  return new UserError('cluster.context-not-found', {
    message: `there is no context ${name} (${where})${near === undefined ? '' : `; did you mean ${near}?`}`,
    details: {context: name, contexts: known, ...(near !== undefined && {closest: near})},
    hint: known.length > 0 ? `known contexts: ${known.join(', ')}` : [],
  })
}

export const noCurrentContext = (known: string[], where: string) =>
  new UserError('cluster.context-not-found', {
    message: `no current context is set (${where})`,
    details: {contexts: known},
    hint:
      known.length > 0
        ? [`kubectl config use-context ${known[0]}   or pass --context`, `known contexts: ${known.join(', ')}`]
        : 'the kubeconfig has no contexts at all',
  })
