import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { AppError } from '@meridian/errors'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/** What proxies add. Whoever sends one of these is, or says that he is, somebody who asks for another. */
const FORWARDED =
  /^(forwarded|via|x-(original-)?forwarded(-.*)?|x-(real|client|cluster-client|envoy-external)-(ip|address)|(cf-connecting|true-client|fastly-client)-ip(v6)?)$/

/**
 * Throws NET_NOT_LOCAL unless the connection comes from a loopback address and was not forwarded: a proxy on
 * this machine, trusted or not, also comes from one.
 */
export function assertLocal({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): void {
  const { remoteAddress = '' } = socket
  const forwarded = Object.keys(headers).find(name => FORWARDED.test(name))
  if (forwarded !== undefined) throw notLocal(`the request was forwarded, it has ${forwarded}`)
  if (!isLoopback(remoteAddress)) throw notLocal(`the request comes from ${remoteAddress}`)
}

/** Whether an address is one of this machine's own loopback addresses, IPv4 in IPv6 included. */
export const isLoopback = (address: string): boolean =>
  isIP(address) !== 0 && LOOPBACK.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

const notLocal = (detail: string): AppError => new AppError('NET_NOT_LOCAL', { detail })
