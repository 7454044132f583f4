/** The images: built twice, looked into, started and stopped; pulled from a registry and pinned; bundles under Node 24. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { buildImages, type ImageResult } from '../images/build-images.ts'
import { IMAGES, imageSpecOf } from '../images/image-table.ts'
import { obtainNode24 } from '../images/node24.ts'
import { pinImages } from '../images/pin.ts'
import { whyNoImages } from '../images/tools-work.ts'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'

t.setTimeout(590_000)

const why = await whyNoImages()
const skip = why === undefined ? false : `images cannot be built here: ${why}`
const REVISION = 'a'.repeat(40)
const out = t.testdir()
let results: readonly ImageResult[] = []

t.test('every image is built twice alike, starts, is ready, and ends with 0', { skip }, async t => {
  const say = (line: string): void => t.comment(line)
  results = await buildImages({ images: IMAGES, revision: REVISION, source: '', out, say })
  t.same(
    results.map(({ name }) => name),
    [...IMAGES.keys()]
  )
  for (const { name, digest, unpackedBytes } of results) {
    t.match(digest, /^sha256:[0-9a-f]{64}$/, name)
    t.ok(unpackedBytes <= 5_000_000, `${name}: ${unpackedBytes} bytes`)
    t.ok(existsSync(join(out, `${name}.oci.tar`)), name)
  }
})

t.test('an image that ends before it is ready is refused, with what it said', { skip }, async t => {
  const images = new Map([['producer', { ...imageSpecOf('producer'), settings: { SPOOL_MB: 'much' } }]])
  await t.rejects(buildImages({ images, revision: REVISION, source: '', out: undefined, say: () => {} }), {
    code: 'RUN_BAD_IMAGE',
    message: /SPOOL_MB/
  })
})

const skipPin = skip || (existsSync('/usr/bin/docker-registry') ? false : 'docker-registry is not installed')

t.test('images in a registry are pinned by what was really pulled', { skip: skipPin }, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-pin-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const registry = await startRegistry(t, join(folder, 'registry'))
  const [{ name, digest }] = results as [ImageResult]
  await push(join(folder, 'pushed'), join(out, `${name}.oci.tar`), `${registry}/meridian/${name}:v1`)
  const file = join(folder, 'kustomization.yaml')
  writeFileSync(file, kustomizationOf([name]))
  const options = {
    ...{ file, registry: `${registry}/meridian`, tag: 'v1', isInsecure: true, say: () => {} },
    folder: join(folder, 'pulled')
  }
  await pinImages({ ...options, revision: REVISION })
  const pinned = readFileSync(file, 'utf8')
  t.match(pinned, `# where images come from`)
  t.match(pinned, `newName: ${registry}/meridian/${name}`)
  t.match(pinned, `digest: ${digest}`, 'the digest of the archive is that in the registry')
  t.notMatch(pinned, 'newTag')

  writeFileSync(file, kustomizationOf([name, 'commander']))
  await t.rejects(
    pinImages({ ...options, revision: REVISION }),
    { code: 'RUN_TOOL_FAILED' },
    'one is not there'
  )
  t.equal(readFileSync(file, 'utf8'), kustomizationOf([name, 'commander']), 'nothing is half written')
  writeFileSync(file, kustomizationOf([name]))
  const other = 'b'.repeat(40)
  await t.rejects(pinImages({ ...options, revision: other }), { code: 'RUN_BAD_IMAGE', message: other })
  t.equal(readFileSync(file, 'utf8'), kustomizationOf([name]))
})

const kustomizationOf = (names: readonly string[]): string =>
  `# where images come from\nimages:\n${names.map(name => `  - { name: meridian/${name}, newTag: unreleased }\n`).join('')}`

/** A real registry on loopback; resolves to its host and port. */
async function startRegistry(t: Test, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: folder } },
    http: { addr: `127.0.0.1:${port}` }
  }
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' })
  t.teardown(() => void child.kill('SIGKILL'))
  const url = `127.0.0.1:${port}`
  await waitFor(async () => (await fetch(`http://${url}/v2/`)).ok, { what: 'the registry answers' })
  return url
}

/** In its folder: buildah makes a name of an image's path, which must be in lower case. */
async function push(folder: string, archive: string, to: string): Promise<void> {
  mkdirSync(join(folder, 'layout'), { recursive: true })
  await runTool('tar', ['-xf', archive, '-C', join(folder, 'layout')])
  const store = ['--storage-driver', 'vfs', '--root', join(folder, 'store'), '--runroot', join(folder, 'run')]
  const buildah = (...args: string[]): Promise<string> =>
    runTool('buildah', [...store, ...args], { cwd: folder })
  const id = (await buildah('pull', '--quiet', 'oci:layout:latest')).trim()
  await buildah('push', '--quiet', '--tls-verify=false', id, `docker://${to}`)
}

/** Tests that start and stop bundles, with signals; `npm start` as a whole is among them. */
const STARTS_AND_STOPS = [
  'libs/service/test/service.test.ts',
  'libs/service/test/run-process.test.ts',
  'services/commander/test/drain.test.ts',
  'scripts/test-full/start.full.ts'
]

const node = await obtainNode24().catch((error: Error) => error)
const skipNode = node instanceof Error ? node.message : false

t.test('bundles start and stop under Node 24, which images have', { skip: skipNode }, async t => {
  const tap = join(root, 'node_modules/tap/dist/esm/run.mjs')
  const env = { ...process.env, TEST_BUNDLES: '1', NODE_OPTIONS: '' }
  const args = [tap, '--disable-coverage', '--reporter=tap', '--jobs=1', ...STARTS_AND_STOPS]
  const printed = await runTool(String(node), args, { cwd: root, env })
  t.match(printed, new RegExp(`^ok ${STARTS_AND_STOPS.length} `, 'm'), 'each of the files ran')
  t.notMatch(printed, /not ok/)
})
