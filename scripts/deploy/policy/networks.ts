/** Prefix of a network of IPv4 addresses in the form of IPv6. */
const MAPPED = '::ffff:'
const MAPPED_BITS = 96

/** Whether a network, such as `10.0.0.0/8`, is larger than any for private use [RFC 1918, RFC 4193]: it means nobody in particular. */
export function isWideNetwork(network: string): boolean {
  const [address = '', length] = network.trim().toLowerCase().split('/')
  if (length === undefined) return false
  if (length.includes('.')) return !length.startsWith('255.')
  if (address.startsWith(MAPPED)) return Number(length) < MAPPED_BITS + 8
  return Number(length) < (address.includes(':') ? 7 : 8)
}
