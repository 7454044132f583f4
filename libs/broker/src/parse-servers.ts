import { AppError } from '@meridian/errors'

const SCHEMES: readonly string[] = ['nats:', 'tls:']
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * The addresses of a list such as `nats://a:4222, tls://b` or `a:4222`. Throws CFG_INVALID that names the one
 * which is no address: the client would take its host for one that is not there yet, and wait for ever.
 */
export function parseServers(list: string): readonly string[] {
  return list.split(',').map(text => {
    const server = text.trim()
    const why = faultOf(server)
    if (why === undefined) return server
    const detail = `broker address '${server.slice(0, 120)}' ${why}: NATS_URL takes nats://host:port, several separated by commas`
    throw new AppError('CFG_INVALID', { detail })
  })
}

function faultOf(server: string): string | undefined {
  let url: URL
  try {
    url = new URL(SCHEME.test(server) ? server : `nats://${server}`)
  } catch {
    return portOf(server) > MAX_PORT ? `has a port above ${MAX_PORT}` : 'is malformed'
  }
  if (!SCHEMES.includes(url.protocol)) return `begins with ${url.protocol}//, which is not spoken here`
  if (url.hostname === '') return 'has no host'
  if (url.port === '0') return 'has port 0'
  return /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '' ? undefined : 'has a path'
}

const MAX_PORT = 65_535
const portOf = (server: string): number => Number(/:(\d+)$/.exec(server)?.[1] ?? 0)
