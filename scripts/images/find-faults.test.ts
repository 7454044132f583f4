import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { VERSION } from '@meridian/service'
import t from 'tap'
import { type BuiltImage, findFaults } from './find-faults.ts'
import type { OciImage } from './oci-layout.ts'

const label = (what: string): string => `org.opencontainers.image.${what}`
const layer = (unpackedBytes: number) => ({ digest: 'sha256:1', pulledBytes: 1, unpackedBytes })
const good: OciImage = {
  digest: 'sha256:2',
  layers: [layer(130_000_000), layer(4_000_000)],
  user: '65532:65532',
  workingDir: '/app',
  entrypoint: ['node', 'dist/main.js'],
  env: [],
  labels: {
    ...{ [label('title')]: 'meridian/api', [label('version')]: VERSION },
    ...{ [label('revision')]: 'abc', [label('source')]: '' }
  }
}

t.test('an image is refused for each thing that is not as it must be', async t => {
  const files = { 'sbom.cdx.json': '{"components":[{}]}', dist: { 'main.js': '' } }
  const rootFolder = t.testdir({ app: files })
  const built = (image: Partial<OciImage> = {}, more: Partial<BuiltImage> = {}): BuiltImage => ({
    ...{ name: 'api', rootFolder, baseLayers: 1, revision: 'abc', ...more },
    image: { ...good, ...image }
  })
  chmodSync(join(rootFolder, 'app/dist/main.js'), 0o644)
  chmodSync(join(rootFolder, 'app/sbom.cdx.json'), 0o644)
  chmodSync(join(rootFolder, 'app/dist'), 0o755)
  t.same(findFaults(built()), [])

  t.same(findFaults(built({ user: 'node' })), ['user is node, not 65532:65532'])
  t.match(findFaults(built({ entrypoint: ['/bin/sh', '-c', 'node dist/main.js'] })), [
    /^entrypoint is .*bin\/sh/
  ])
  t.match(findFaults(built({ layers: [layer(1), layer(5_000_001)] })), [/^5000001 bytes above its base/])
  t.match(findFaults(built({ layers: [layer(1), layer(4_000_000), layer(1_000_001)] })), [/^5000001 bytes/])
  t.match(findFaults(built({}, { revision: 'def' })), ['label revision is abc, not def'])
  t.same(findFaults(built({ labels: {} })).length, 4, 'each label')

  chmodSync(join(rootFolder, 'app/dist/main.js'), 0o666)
  t.same(findFaults(built()), ['others can write to dist/main.js'])
})

t.test('nothing but bundles may be in it, and the list of its packages must be there', async t => {
  const rootFolder = t.testdir({
    app: { 'sbom.cdx.json': '{"components":[]}', node_modules: { x: { 'a.node': '' } } }
  })
  const built = { name: 'api', image: good, rootFolder, baseLayers: 1, revision: 'abc' }
  const faults = findFaults(built).filter(fault => !fault.startsWith('others'))
  t.same(faults.sort(), [
    'node_modules must not be in it',
    'node_modules/x must not be in it',
    'node_modules/x/a.node must not be in it',
    'sbom.cdx.json lists no packages'
  ])
})
