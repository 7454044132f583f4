import { cpSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'
import { KEPT, keepRelease, unpackKept } from './kept-release.ts'

const SERVICES = ['api', 'commander', 'gateway', 'producer']
const REVISION = 'd'.repeat(40)

/** Makes a release of a few bytes in a folder. */
async function smallRelease(folder: string, revision = REVISION): Promise<string> {
  const place = join(folder, 'meridian-0.0.9')
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(place, path)), { recursive: true })
    writeFileSync(join(place, path), text)
  }
  write('release.env', `VERSION=0.0.9\nREVISION=${revision}\n`)
  write('LICENSE', 'free')
  for (const at of [...SERVICES.map(name => `services/${name}`), 'services/simulator', 'scripts']) {
    write(`${at}/dist/main.js`, at)
    write(`${at}/dist/main.js.map`, '{}')
  }
  for (const file of ['client.js', 'client.d.ts', 'parts/a.js', 'page/client.js']) write(`sdk/${file}`, file)
  await runTool('tar', ['-czf', 'meridian-0.0.9.tar.gz', 'meridian-0.0.9'], { cwd: folder })
  const sums = await runTool('sha256sum', ['meridian-0.0.9.tar.gz'], { cwd: folder })
  writeFileSync(join(folder, 'SHA256SUMS'), sums)
  return folder
}

t.test('the release before is kept, and is whole', async t => {
  const into = t.testdir()
  const { version, revision } = await unpackKept(into)
  const [, newest, before] = readFileSync(join(root, 'CHANGELOG.md'), 'utf8').split(/^## /m)
  const sections = [newest, before].map(text => text?.split(/\s/)[0])
  t.ok(sections.includes(version), `${version} is kept, of ${sections}: pnpm release keep`)
  t.match(readFileSync(join(into, 'release.env'), 'utf8'), `VERSION=${version}\nREVISION=${revision}\n`)
  for (const name of SERVICES) t.ok(existsSync(join(into, `services/${name}/dist/main.js`)), name)
  for (const file of ['sdk/client.js', 'sdk/program.js', 'scripts/dist/streams.js', 'LICENSE'])
    t.ok(existsSync(join(into, file)), file)
})

t.test('what runs of a release is kept, and takes the place of the one before', async t => {
  const older = { 'last-release.json': '{"version":"0.0.8"}', 'last-release.tar.br': 'older' }
  const folder = t.testdir({ kept: older })
  const kept = join(folder, 'kept')
  const facts = await keepRelease(await smallRelease(folder), kept)
  t.match(facts, { version: '0.0.9', revision: REVISION, sha256: /^[0-9a-f]{64}$/ })
  const into = join(kept, 'unpacked')
  mkdirSync(into)
  t.same(await unpackKept(into, kept), facts)
  t.equal(readFileSync(join(into, 'services/api/dist/main.js'), 'utf8'), 'services/api')
  t.ok(existsSync(join(into, 'sdk/parts/a.js')))
  const dropped = ['sdk/page', 'sdk/client.d.ts', 'services/api/dist/main.js.map', 'services/simulator']
  t.same(
    dropped.filter(path => existsSync(join(into, path))),
    []
  )
})

t.test('a release that is not whole, or of no commit, is not kept', async t => {
  const folder = t.testdir({ kept: { 'last-release.json': '{}' } })
  const kept = join(folder, 'kept')
  const refused = { code: 'RUN_BAD_FILE' }
  await t.rejects(keepRelease(join(kept, 'none'), kept), { ...refused, message: /make the release first/ })
  const changed = await smallRelease(folder, `${REVISION}-dirty`)
  await t.rejects(keepRelease(changed, kept), { ...refused, message: /-dirty', which is no commit/ })
  truncateSync(join(changed, 'meridian-0.0.9.tar.gz'), 99)
  await t.rejects(keepRelease(changed, kept), { ...refused, message: /is not what SHA256SUMS say/ })
  writeFileSync(join(changed, 'SHA256SUMS'), 'nothing')
  await t.rejects(keepRelease(changed, kept), { ...refused, message: /name no tarball/ })
  t.equal(readFileSync(join(kept, 'last-release.json'), 'utf8'), '{}', 'what was kept stays')
})

t.test('a kept release with a byte less is refused', async t => {
  const kept = join(t.testdir(), 'kept')
  cpSync(KEPT, kept, { recursive: true })
  const archive = join(kept, 'last-release.tar.br')
  truncateSync(archive, readFileSync(archive).length - 1)
  await t.rejects(unpackKept(kept, kept), {
    code: 'RUN_BAD_FILE',
    message: /not what last-release\.json says/
  })
})
