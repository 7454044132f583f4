/** pnpm itself asks a registry of the test: what it answers is told, and a registry that cannot be asked is no fault. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { scriptCommand } from '@meridian/testing'
import t, { type Test } from 'tap'

async function registry(t: Test, serve: RequestListener): Promise<string> {
  const server = createServer(serve).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function run(...args: string[]) {
  const env = { ...process.env, NODE_OPTIONS: '', npm_config_fetch_retries: '0' }
  const child = spawn(process.execPath, [...scriptCommand('audit-deps'), ...args], { env })
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  return { out, code }
}

const ADVISORY = {
  ...{ id: 1, url: 'https://example.org/1', title: 'a fault', severity: 'high', vulnerable_versions: '<99' },
  ...{ cwe: [], cvss: { score: 7, vectorString: '' } }
}

t.test(
  'an advisory about a package that runs is told, and ends with 1 unless it is only reported',
  async t => {
    const url = await registry(t, (_request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ fastify: [ADVISORY] }))
    })
    const found = await run('--registry', url)
    t.equal(found.code, 1)
    t.match(found.out, /^high {5}runs {3}fastify \d+\.\d+\.\d+: a fault https:\/\/example\.org\/1$/m)
    t.match(found.out, /^audit of dependencies: \d{3,} packages, 1 advisories$/m)
    t.equal((await run('--registry', url, '--report')).code, 0)
  }
)

t.test('what a registry writes moves no cursor and begins no line', async t => {
  const hostile = {
    ...ADVISORY,
    title: 'a \u001b[2Jfault\naudit of dependencies: 0 packages',
    url: 'https://example.org/\u009b1'
  }
  const url = await registry(t, (_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ fastify: [hostile] }))
  })
  const { out } = await run('--registry', url)
  t.match(out, /: a \[2Jfaultaudit of dependencies: 0 packages https:\/\/example\.org\/1$/m)
  t.notMatch(out.replaceAll('\n', ''), /\p{Cc}/u)
})

t.test('a registry without advisories, or none at all, is told and is no fault', async t => {
  const refusing = await registry(t, (_request, response) => response.writeHead(405).end())
  for (const url of [refusing, 'http://127.0.0.1:9/'])
    t.match(await run('--registry', url), {
      code: 0,
      out: /^audit of dependencies skipped: .*(405|127\.0\.0\.1:9|error)/
    })
})
