import { hostname } from 'node:os'
import { AppError } from '@meridian/errors'

/** Whether a server answers to what a request names as its host, port included; undefined: it names none. */
export type HostCheck = (host: string | undefined) => boolean

/** Addresses that mean every interface and so name nobody. */
const UNSPECIFIED = new Set(['0.0.0.0', '::', ''])
const NAME = /^(?:\*|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/
const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost)$/

/**
 * Makes the check of host names. A page of any origin whose name is made to point at this machine (DNS
 * rebinding) would otherwise count as a page of ours. Answered to are localhost, loopback addresses, the name
 * of this machine, the address that is listened on, and `names`, separated by commas; `*` among them: any. A
 * request without a host is not from a browser. Throws CFG_INVALID for a name that is none, such as one with
 * a scheme or a port: it would match nothing.
 */
export function createHostCheck({ names, listenOn }: { names: string; listenOn: string }): HostCheck {
  const told = names.split(',').map(normalize)
  for (const name of told)
    if (name !== '' && !NAME.test(name))
      throw new AppError('CFG_INVALID', { detail: `HOSTS: '${name.slice(0, 80)}' is no name of a host` })
  const known = new Set([...told, ...[hostname(), hostname().split('.')[0] ?? ''].map(normalize)])
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
