/** For tests: a registry of their own, and `pnpm audit:deps` that asks it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { scriptCommand } from '@meridian/testing'
import type { Test } from 'tap'

/** Answers as `serve` does until the test ends; resolves to its URL. */
export async function startRegistry(t: Test, serve: RequestListener): Promise<string> {
  const server = createServer(serve).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** What the command printed, and its exit code. */
export async function audit(...args: string[]): Promise<{ readonly out: string; readonly code: number }> {
  const env = { ...process.env, NODE_OPTIONS: '', npm_config_fetch_retries: '0' }
  const child = spawn(process.execPath, [...scriptCommand('audit-deps'), ...args], { env })
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  return { out, code }
}

/** A registry that answers each question with these advisories about fastify. */
export const startRegistryOf = (t: Test, ...advisories: readonly object[]): Promise<string> =>
  startRegistry(t, (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ fastify: advisories }))
  })

/** As a registry tells it. */
export const ADVISORY = {
  ...{ id: 1, url: 'https://example.org/1', title: 'a fault', severity: 'high', vulnerable_versions: '<99' },
  ...{ cwe: [], cvss: { score: 7, vectorString: '' } }
}
