/** A release: the same bytes twice, and a whole site that runs from nothing but its tarball. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VERSION } from '@meridian/service'
import { findNatsServer, freePort, waitFor } from '@meridian/testing'
import t from 'tap'
import { makeRelease } from '../release/make-release.ts'
import { runTool } from '../run-tool.ts'

t.setTimeout(300_000)

const REVISION = 'c'.repeat(40)
const place = t.testdir({})
const releaseInto = (name: string): Promise<string> =>
  makeRelease({ out: join(place, name), revision: REVISION, source: '', withImages: false, say: () => {} })

t.test('a release has its files and their sums, and is the same when it is made again', async t => {
  const folder = await releaseInto('first')
  t.match(readdirSync(folder).sort(), ['CHANGELOG.md', 'SHA256SUMS', `meridian-${VERSION}.tar.gz`, 'sbom'])
  t.match(await runTool('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder }), `meridian-${VERSION}.tar.gz: OK`)
  const again = await releaseInto('second')
  t.equal(readFileSync(join(again, 'SHA256SUMS'), 'utf8'), readFileSync(join(folder, 'SHA256SUMS'), 'utf8'))
})

t.test('a site starts from the tarball alone, tells its version, and ends with 0', async t => {
  const home = join(place, 'opt')
  mkdirSync(home)
  const archive = join(place, 'first', VERSION, `meridian-${VERSION}.tar.gz`)
  await runTool('tar', ['-xzf', archive, '-C', home, '--strip-components=1'])
  const port = await freePort()
  const env = {
    ...{ PATH: process.env['PATH'], HOME: place, NODE: process.execPath, NATS_SERVER_BIN: findNatsServer() }
  }
  const args = ['--profile', 'small', '--port', String(port), '--data', join(place, 'data')]
  const child = spawn(join(home, 'bin/meridian'), args, {
    env,
    cwd: place,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const gone = once(child, 'exit')
  t.teardown(() => void child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}/`
  await waitFor(() => child.exitCode !== null || said.includes('Ctrl-C ends everything'), {
    what: `the site runs: ${said}`,
    timeoutMs: 120_000
  })
  t.equal(child.exitCode, null, said)
  t.match(await (await fetch(url)).text(), /<html/)
  const run = JSON.parse(readFileSync(join(place, 'data/run.json'), 'utf8')) as {
    ready: Record<string, string>
  }
  const told = await (await fetch(new URL('/version', run.ready['api']))).json()
  t.match(told, { version: VERSION, revision: REVISION })
  child.kill('SIGTERM')
  t.same(await gone, [0, null], said)
  const wrong = await runTool(join(home, 'bin/meridian'), ['nothing'], { env }).catch(
    (error: Error) => error.message
  )
  t.match(wrong, "'nothing' is no command")
  t.match(await runTool(join(home, 'bin/meridian'), ['streams', '--help'], { env }), 'pnpm streams')
})
