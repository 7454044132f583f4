import { isIPv6 } from 'node:net'

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * The addresses that count as one: an IPv4 address by itself, and the 2^64 IPv6 addresses that one place has. IPv4
 * within IPv6 is IPv4.
 */
export function addressGroupOf(address: string): string {
  const [, inner] = MAPPED.exec(address) ?? []
  if (inner !== undefined || !isIPv6(address)) return inner ?? address
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length
  const parts = [...first, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...last]
  return parts
    .slice(0, 4)
    .map(part => part.replace(/^0+(?=.)/, ''))
    .join(':')
}
