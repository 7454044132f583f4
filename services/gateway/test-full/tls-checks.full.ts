/**
 * TLS that a balancer ends, while everything checks the gateways' health: by HTTP, by a bare TCP connection, and
 * by a TLS handshake at their plain port, which is wrong and must not matter. Clients stay where they are, and
 * gateways log no fault. CHECKS_S makes it longer: `CHECKS_S=600 npx tap test-full/tls-checks.full.ts`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type BalancedSite, closesOf, nameOf, startSite } from './balance-site.ts'
import { type Balancer, leastConnections, whyNot } from './balancers.ts'
import { findProgram } from './proxies.ts'

const CLIENTS = 50
const GATEWAYS = [0, 1]
/** Each kind of check, each gateway. */
const CHECK_EVERY_MS = 200
/** pino's level of a warning. */
const WARN = 40
const seconds = Number(process.env['CHECKS_S'] ?? 15)
const skip = findProgram('openssl') === undefined ? 'openssl is not installed' : whyNot(leastConnections)

t.setTimeout((seconds + 300) * 1000)

/** HAProxy with a TLS front, and three backends that check the same gateways in three ways. */
const behindTls = (pem: string): Balancer => ({
  ...leastConnections,
  name: 'HAProxy with TLS',
  config: (listen, gateways) => `
${leastConnections.config(listen, gateways).replace(/^ *bind .*$/m, line => `${line} ssl crt ${pem}`)}
${checkedBackend('by_tcp', gateways, 'check')}
${checkedBackend('by_handshake', gateways, 'check check-ssl verify none')}
`
})

const checkedBackend = (name: string, gateways: readonly number[], check: string): string => `
backend ${name}
${gateways.map(port => `  server g${port} 127.0.0.1:${port} ${check} inter ${CHECK_EVERY_MS}ms\n`).join('')}`

/** A certificate for loopback with its key, in one file that is deleted with the test; nobody checks it. */
function certificate(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-tls-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [key, cert, both] = ['key.pem', 'cert.pem', 'both.pem'].map(name => join(folder, name)) as [
    string,
    string,
    string
  ]
  const made = [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    '1',
    '-subj',
    '/CN=localhost'
  ]
  execFileSync('openssl', ['req', '-x509', ...made], { stdio: 'ignore' })
  writeFileSync(both, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 })
  return both
}

/** Log lines of a gateway that are warnings or worse. */
function warningsOf(site: BalancedSite, slot: number): readonly string[] {
  const lines = site.running.get(nameOf(slot))?.output().trim().split('\n') ?? []
  return lines.filter(line => !line.startsWith('{') || JSON.parse(line).level >= WARN)
}

t.test('health checks of every kind beside clients over TLS', { skip }, async t => {
  const site = await startSite(t, behindTls(certificate(t)), {
    slots: GATEWAYS.length,
    scheme: 'wss',
    // What moves a client here is to be a check alone; and the balancer says for whom it asks.
    settings: { REBALANCE: 'false', TRUSTED_PROXIES: 'loopback' }
  })
  await Promise.all(GATEWAYS.map(slot => site.start(slot)))
  const before = GATEWAYS.map(slot => warningsOf(site, slot).length)
  const clients = await site.connect(CLIENTS)
  await sleep(seconds * 1000)
  await site.judge(t, clients)
  t.same(closesOf(clients), { 1000: 0 }, 'no connection ended')
  t.equal(clients.filter(({ client }) => client.status().state === 'live').length, CLIENTS)
  for (const slot of GATEWAYS)
    t.same(warningsOf(site, slot).slice(before[slot]), [], `what ${nameOf(slot)} warned of`)
})
