/** The Dockerfile as Docker reads it where nothing was built before: everything is compiled from the repository, in one go. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VERSION } from '@meridian/service'
import t from 'tap'
import { assembleImage } from '../images/assemble.ts'
import { findFaults } from '../images/find-faults.ts'
import { imageSpecOf } from '../images/image-table.ts'
import { readOciImage } from '../images/oci-layout.ts'
import { prepareBase, whyNoImages } from '../images/tools-work.ts'
import { startTrialBroker } from '../images/trial-broker.ts'
import { tryImage } from '../images/try-image.ts'
import { writeCompilerBase } from './dockerfile/compiler-base.ts'

t.setTimeout(590_000)

const why = await whyNoImages()
const skip = why === undefined ? false : `images cannot be built here: ${why}`
const NAME = 'api'
const SITE = 'small'
const revision = 'e'.repeat(40)
/** Where the base has the authorities that this machine trusts; Node knows others by itself. */
const FILE = '/etc/ssl/certs/ca-certificates.crt'
const trust = { NODE_EXTRA_CA_CERTS: FILE, SSL_CERT_FILE: FILE }

t.test(
  'an image compiled from the sources alone holds what pnpm images puts in, and serves',
  { skip },
  async t => {
    const folder = mkdtempSync(join(tmpdir(), 'meridian-dockerfile-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const buildah = await prepareBase(folder)
    await writeCompilerBase(join(folder, 'compiler'))
    await buildah.buildCompiler(join(folder, 'compiler'), trust)
    const options = { assembled: undefined, version: VERSION, revision, source: '' }
    await buildah.build(NAME, options)
    await buildah.save(NAME, join(folder, 'layout'))
    const rootFolder = await buildah.mount(NAME)
    const image = readOciImage(join(folder, 'layout'))
    const built = { name: NAME, image, rootFolder, baseLayers: 1, revision }
    t.same(findFaults(built), [])

    const assembled = join(folder, 'assembled')
    await assembleImage(NAME, imageSpecOf(NAME), assembled)
    const app = join(rootFolder, 'app')
    t.same(filesOf(app), filesOf(assembled))
    for (const file of filesOf(app).filter(name => /\.(js|json|yaml|html)$/.test(name)))
      t.ok(readFileSync(join(app, file)).equals(readFileSync(join(assembled, file))), file)

    const nats = await startTrialBroker(SITE)
    t.teardown(() => nats.stop())
    const spec = imageSpecOf(NAME)
    t.ok(await tryImage(built, spec, { folder: join(folder, 'trial'), natsUrl: nats.url, site: SITE }))
  }
)

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => statSync(join(folder, path)).isFile())
    .sort()
