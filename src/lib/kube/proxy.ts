import {BlockList, isIP} from 'node:net'
import type {Environment} from './credential.ts'

/** The environment's proxy for a server, by the rules kubectl has from Go: loopback never, NO_PROXY with domains, addresses, CIDRs, ports. */
export function proxyFor(server: URL, env: Environment): string | undefined {
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = env[name] || env[name.toLowerCase()]
  if (!proxy || isBypassed(server, env.NO_PROXY || env.no_proxy || '')) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

function isBypassed(server: URL, list: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = server.port || (server.protocol === 'https:' ? '443' : '80')
  if (host === 'localhost' || (isIP(host) && contains(host, host.includes(':') ? '::1/128' : '127.0.0.0/8')))
    return true
  return list.split(',').some(each => matches(each.trim().toLowerCase(), host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '') return false
  if (entry === '*') return true
  if (entry.includes('/')) return isIP(host) > 0 && contains(host, entry)
  const [, pattern = entry, entryPort] =
    /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []
  if (entryPort !== undefined && entryPort !== port) return false
  if (pattern.startsWith('.') || pattern.startsWith('*.')) return host.endsWith(pattern.replace(/^\*/, ''))
  return host === pattern || host.endsWith(`.${pattern}`)
}

function contains(address: string, cidr: string): boolean {
  const [net = '', bits = ''] = cidr.split('/')
  if (isIP(net) === 0 || isIP(net) !== isIP(address)) return false
  const family = isIP(net) === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(net, Number(bits), family)
  return list.check(address, family)
}
