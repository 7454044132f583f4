import { hostname } from 'node:os'

/** Whether a server answers to what a request names as its host, port included; undefined: it names none. */
export type HostCheck = (host: string | undefined) => boolean

/** Addresses that mean every interface and so name nobody. */
const UNSPECIFIED = new Set(['0.0.0.0', '::', ''])
const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost)$/

/**
 * Makes the check of host names. A page of any origin whose name is made to point at this machine (DNS
 * rebinding) would otherwise count as a page of ours. Answered to are localhost, loopback addresses, the name
 * of this machine, the address that is listened on, and `names`, separated by commas; `*` among them: any. A
 * request without a host is not from a browser.
 */
export function createHostCheck({ names, listenOn }: { names: string; listenOn: string }): HostCheck {
  const known = new Set([...names.split(','), hostname(), hostname().split('.')[0] ?? ''].map(normalize))
  if (!UNSPECIFIED.has(listenOn)) known.add(normalize(listenOn.includes(':') ? `[${listenOn}]` : listenOn))
  known.delete('')
  if (known.has('*')) return () => true
  return host => {
    if (host === undefined || host === '') return true
    const name = normalize(host.replace(/:\d+$/, ''))
    return LOOPBACK.test(name) || known.has(name)
  }
}

const normalize = (name: string): string => name.trim().toLowerCase().replace(/\.$/, '')
