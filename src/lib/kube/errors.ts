import {RemoteError, UserError} from '../errors.ts'
import type {KindRef, Target} from './types.ts'

/** The words of connecting and of the transport; what the API server says in a `Status` is in status.ts. */

export const pluginFailed = (command: string, why: string, hint: string | undefined) =>
  new RemoteError('cluster.unauthorized', {
    message: `no credentials from ${command}: ${why}`,
    reason: 'CredentialPlugin',
    hint: hint ?? [],
  })

export const authProviderUnknown = (name: string) =>
  new UserError('cluster.config-invalid', {
    message: `the kubeconfig's auth-provider ${name} is not known (oidc, gcp and azure are)`,
    details: {authProvider: name},
  })

/** The connection failed before or while an answer came. */
export function unreachable(target: Target, error: NodeJS.ErrnoException): RemoteError {
  const {why, hint} = explain(error, target)
  return new RemoteError('cluster.unreachable', {
    message: `the API server ${target.server}${ofContext(target)} does not answer: ${why}`,
    reason: error.code ?? error.name,
    details: {server: target.server, context: target.context},
    hint,
    cause: error,
  })
}

export const notJson = (target: Target, path: string, status: number) =>
  new RemoteError('cluster.unavailable', {
    message: `what answers at ${target.server} for ${path} is not JSON (HTTP ${status}): is this an API server?`,
    status,
    reason: 'NotJson',
    details: {server: target.server, path},
  })

export const unknownKind = ({apiVersion, kind}: KindRef, known: string | undefined) =>
  new RemoteError('cluster.rejected', {
    message: `the cluster does not know ${kind} in ${apiVersion}${known === undefined ? '' : `; did you mean ${known}?`}`,
    status: 404,
    reason: 'UnknownKind',
    details: {apiVersion, kind},
    hint: `kubectl api-resources --api-group=${apiVersion.includes('/') ? apiVersion.split('/')[0] : "''"}   what it knows`,
  })

const ofContext = ({context}: Target) => (context === undefined ? '' : ` (context ${context})`)

/** Node's codes in a person's words; TLS codes are OpenSSL's X509_V_ERR names. */
function explain(error: NodeJS.ErrnoException, target: Target): {why: string; hint: string[]} {
  const host = URL.canParse(target.server) ? new URL(target.server).host : target.server
  const code = error.code ?? ''
  if (code === 'ECONNREFUSED')
    return {why: 'connection refused', hint: [`is the cluster running? does ${host} lead to it?`]}
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      why: `its name cannot be resolved (${code})`,
      hint: ['are you connected, is a VPN needed? otherwise correct the server in the kubeconfig'],
    }
  }
  if (timeoutCodes.has(code))
    return {why: 'no answer in time', hint: [`does a firewall or a missing VPN keep you from ${host}?`]}
  if (code === 'CERT_HAS_EXPIRED')
    return {
      why: 'its certificate has expired',
      hint: ["renew the cluster's certificates; is this machine's clock right?"],
    }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      why: `its certificate is for other names (${error.message})`,
      hint: ['set tls-server-name of the cluster in the kubeconfig to one of those names'],
    }
  }
  if (untrustedCodes.has(code)) {
    return {
      why: `its certificate is not from an authority we trust (${code})`,
      hint: [
        "set certificate-authority-data of the cluster in the kubeconfig to the cluster's CA; was the cluster made anew?",
      ],
    }
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('HPE_')) {
    return {
      why: `it does not speak the protocol (${code})`,
      hint: ['is it http where https is meant, or the other way round?'],
    }
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') return {why: 'the connection was cut', hint: []}
  return {why: error.message === '' ? code : error.message, hint: []}
}

const timeoutCodes = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ESOCKETTIMEDOUT'])
const untrustedCodes = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
])
