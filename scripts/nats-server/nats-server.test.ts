import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { obtainNatsServer } from './obtain.ts'
import { downloadRelease } from './release.ts'
import { tellProgress } from './tell-progress.ts'
import { atLeast, PINNED } from './version.ts'

const arch = process.arch === 'arm64' ? 'arm64' : 'amd64'
const release = `nats-server-v${PINNED}-${process.platform}-${arch}`

/** An archive shaped as a release; what it holds says its version and nothing else. */
function archiveIn(folder: string): Buffer {
  mkdirSync(join(folder, release))
  writeFileSync(join(folder, release, 'nats-server'), `#!/bin/sh\necho nats-server: v${PINNED}\n`)
  chmodSync(join(folder, release, 'nats-server'), 0o755)
  execFileSync('tar', ['-czf', join(folder, 'a.tar.gz'), '-C', folder, release])
  return readFileSync(join(folder, 'a.tar.gz'))
}

/** What a test is told of releases by until it ends: a page with these files. */
async function releasePage(t: Test, files: Readonly<Record<string, Buffer | string>>): Promise<Server> {
  const page = createServer((request, response) => {
    const file = files[(request.url ?? '').slice(1)]
    response.writeHead(file === undefined ? 404 : 200).end(file)
  })
  await new Promise<void>(resolve => page.listen(0, '127.0.0.1', resolve))
  process.env['NATS_RELEASE_URL'] = `http://127.0.0.1:${(page.address() as AddressInfo).port}`
  t.teardown(() => {
    delete process.env['NATS_RELEASE_URL']
    page.close()
  })
  return page
}

t.test('a release with the right checksum is unpacked', async t => {
  const archive = archiveIn(t.testdir())
  const sum = createHash('sha256').update(archive).digest('hex')
  await releasePage(t, {
    SHA256SUMS: `${sum}  ${release}.tar.gz\n`,
    [`${release}.tar.gz`]: archive
  })
  const path = await downloadRelease(t.testdirName)
  t.match(execFileSync(path, { encoding: 'utf8' }), PINNED)
})

t.test('a broken download is thrown away and said in one sentence', async t => {
  const archive = archiveIn(t.testdir())
  await releasePage(t, {
    SHA256SUMS: `${'0'.repeat(64)}  ${release}.tar.gz\n`,
    [`${release}.tar.gz`]: archive
  })
  await t.rejects(downloadRelease(t.testdirName), {
    message: /SHA-256 .* the release says 000000000000…; it was thrown away/
  })
})

t.test('a page without the release, or no page, is an answer within seconds', async t => {
  const page = await releasePage(t, {})
  await t.rejects(downloadRelease(t.testdir()), { message: 'the release page answered 404' })
  page.close()
  await t.rejects(downloadRelease(t.testdir()), { message: 'the release page cannot be reached' })
})

t.test('a wrong NATS_SERVER_BIN is an error, not a reason to look elsewhere', async t => {
  const before = process.env['NATS_SERVER_BIN']
  t.teardown(() => {
    if (before === undefined) delete process.env['NATS_SERVER_BIN']
    else process.env['NATS_SERVER_BIN'] = before
  })
  process.env['NATS_SERVER_BIN'] = '/bin/true'
  await t.rejects(
    obtainNatsServer(() => {}, t.testdir()),
    { message: /NATS_SERVER_BIN is set to \/bin\/true/ }
  )
})

t.test('slow work tells how long it has been running, and is silent after its end', async t => {
  const said: string[] = []
  let finish: (result: string) => void = () => {}
  const work = new Promise<string>(resolve => {
    finish = resolve
  })
  const say = (line: string): void => {
    said.push(line)
    if (said.length === 2) finish('built')
  }
  t.equal(await tellProgress(work, say, { what: 'go install', everyMs: 1 }), 'built')
  t.same(said, ['go install: 0 s so far', 'go install: 0 s so far'])
  await t.rejects(tellProgress(Promise.reject(new Error('no Go')), say, { what: '', everyMs: 1 }), {
    message: 'no Go'
  })
})

t.test('versions compare by number, not by letter', async t => {
  t.ok(atLeast('2.14.10', '2.14.9'))
  t.ok(atLeast('2.15.2', '2.15.2'))
  t.notOk(atLeast('2.9.10', '2.14.9'))
})
