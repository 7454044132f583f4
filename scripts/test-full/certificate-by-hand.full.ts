/**
 * The certificate of a broker without cert-manager, made by the lines of docs/deploying.md in a copy of the tree: the overlay obeys
 * every rule with it, and three real servers and their clients know each other by it.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureStreams, streamTable } from '@meridian/broker'
import { readSite } from '@meridian/catalogue'
import { createTestLog } from '@meridian/testing'
import t from 'tap'
import { askedRules } from '../deploy/policy/broker.ts'
import { faultsOf } from '../deploy/policy/rule.ts'
import { rules } from '../deploy/policy/rules.ts'
import { type Rendering, renderFolder } from '../deploy/render.ts'
import { faultsAgainstSchemas } from '../deploy/schemas/check.ts'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'
import { newSite } from '../site/new-site.ts'
import { makeKeys, startSiteBroker } from './site-brokers/local-broker.ts'

t.setTimeout(300_000)

const NAME = 'hill'
const HOST = 'hill.example.org'
const folder = t.testdir()
const overlay = join(folder, 'deploy/overlays', NAME)
const kustomization = join(overlay, 'kustomization.yaml')
cpSync(join(root, 'deploy'), join(folder, 'deploy'), { recursive: true })

const page = readFileSync(join(root, 'docs/deploying.md'), 'utf8')
const [, section = ''] = /\n## Certificate of the broker\n([\s\S]*?)\n## /.exec(page) ?? []

/** The one block of a kind in the section. */
function blockOf(kind: string): string {
  const blocks = [...section.matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(([, found]) => found === kind)
  if (blocks.length !== 1) throw new Error(`${blocks.length} blocks of ${kind}, one is expected`)
  return blocks[0]?.[2] ?? ''
}

/** Writes the files of the Secret `nats-tls` that a rendering has, as a pod finds them. */
function writeSecret({ resources }: Rendering, to: string): void {
  const secret = resources.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === 'nats-tls')
  mkdirSync(to)
  for (const [file, data] of Object.entries(secret?.data ?? {}))
    writeFileSync(join(to, file), Buffer.from(data, 'base64'))
}

t.test('it is made as the page says, and the overlay needs no cert-manager', async t => {
  const asked = { name: NAME, host: HOST, instances: ['MTMount'], homeMade: [], like: 'tucson' }
  t.match(newSite(join(folder, 'deploy/overlays'), asked), { isGood: true })
  await runTool('bash', ['-e', '-c', blockOf('sh')], { cwd: folder, timeoutMs: 60_000 })
  writeFileSync(kustomization, `${readFileSync(kustomization, 'utf8')}${blockOf('yaml')}`)
  const rendering = await renderFolder(NAME, overlay)
  t.notMatch(rendering.text, 'cert-manager.io')
  t.same(faultsOf(rendering.resources, [...rules, ...askedRules]), [])
  t.same(await faultsAgainstSchemas([rendering]), [])
  writeSecret(rendering, join(folder, 'tls'))
})

t.test('it is good for the Service, each server, a forwarded port and the host', async t => {
  const [ca, certificate] = ['ca.crt', 'tls.crt'].map(name => join(folder, 'tls', name)) as [string, string]
  const verify = (host: string): Promise<string> =>
    runTool('openssl', ['verify', '-CAfile', ca, '-verify_hostname', host, certificate])
  for (const host of ['nats', 'nats-2.nats-headless', 'localhost', HOST])
    t.match(await verify(host), /: OK\n$/)
  await t.rejects(verify('elsewhere.example.org'), { code: 'RUN_TOOL_FAILED' })
})

t.test('three servers and their clients know each other by it', async t => {
  const broker = await startSiteBroker(
    readSite(join(overlay, 'site.yaml')),
    makeKeys(join(folder, 'keys')),
    join(folder, 'tls')
  )
  t.teardown(() => broker.stop())
  const anybody = await broker.connect('nobody')
  t.teardown(() => anybody.drain())
  await ensureStreams(anybody, streamTable(NAME, 'site'), createTestLog())
  const info = await anybody.request('$JS.API.STREAM.INFO.EVT', '', { timeoutMs: 5_000 })
  t.match(JSON.parse(info.text()), { cluster: { name: NAME, replicas: [{}, {}] } })
})
