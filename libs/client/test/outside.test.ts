import { execFileSync, spawn } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openBrowser, serveFolder, whyNot } from './open-page.ts'
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const AZIMUTH = 'tel.summit.MTMount.0.azimuth'

// What `pnpm build:sdk` writes, in a folder where nothing of the repository is found.
const folder = t.testdir({
  'watch.mjs': `
    import { ClientError, createClient, keyToken } from './meridian/client.js'
    import { subscribePerFrame } from './meridian/frame.js'
    import { createClient as createKept } from './meridian/kept.js'
    import { readMinMax } from './meridian/minmax.js'

    const url = process.argv[2]
    const client = createClient({ url })
    subscribePerFrame(client, ['${AZIMUTH}'], {
      onFrame([{ fields }]) {
        console.log(JSON.stringify([fields.actual, readMinMax(fields)?.count ?? null]))
        client.close()
      }
    })
    client.connect()
    console.log(typeof ClientError, keyToken(['a']), createKept({ url }).kept())
  `
})
const built = join(folder, 'meridian')
execFileSync(
  process.execPath,
  ['--import', 'tsx', '--conditions=development', 'scripts/build-sdk.ts', built],
  {
    cwd: root,
    stdio: 'ignore'
  }
)

/** Answers the subscription of a visitor with one last value. */
async function answer(server: ScriptedServer, visitors: number): Promise<void> {
  const visitor = await server.visitor(visitors)
  const { id } = await visitor.next('subscribe')
  visitor.say({ op: 'subscribed', id, topics: 1, refused: [] }, { op: 'topics', topics: [[1, AZIMUTH]] })
  visitor.say([1, 5, 1000, { actual: 1.5 }], { op: 'live', id, cursor: 'c' })
}

t.test('a program uses every entry that Node has, with nothing but the files that were written', async t => {
  const server = await startScriptedServer()
  t.teardown(() => server.stop())
  const elsewhere = t.testdir()
  cpSync(folder, elsewhere, { recursive: true })
  const child = spawn(process.execPath, [join(elsewhere, 'watch.mjs'), server.url], { cwd: '/' })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += String(chunk)))
  const exit = new Promise(resolve => child.once('exit', resolve))
  await answer(server, 1)
  t.equal(await exit, 0, said)
  t.match(said, /^function \S+ unavailable\n\[1\.5,null\]\n$/)
})

t.test('a page without a bundler uses every entry', { skip: whyNot, timeout: 120_000 }, async t => {
  const address = await serveFolder(t, join(built, 'page'), '<title>outside</title>')
  const browser = await openBrowser(t)
  for (const [entry, place] of Object.entries({
    client: undefined,
    kept: undefined,
    worker: 'worker',
    shared: 'shared worker'
  })) {
    const server = await startScriptedServer()
    t.teardown(() => server.stop())
    const page = await browser.newPage()
    page.on('pageerror', error => t.fail(error.message))
    await page.goto(address)
    const got = page.evaluate(`(async () => {
      const { createClient } = await import('./${entry}.js')
      const { subscribePerFrame } = await import('./frame.js')
      const { readMinMax } = await import('./minmax.js')
      const client = createClient({ url: '${server.url}' })
      client.connect()
      return new Promise(resolve => subscribePerFrame(client, ['${AZIMUTH}'], {
        onFrame: ([{ fields }]) => resolve([client.place, fields.actual, readMinMax(fields)])
      }))
    })()`)
    await answer(server, 1)
    t.same(await got, [place, 1.5, undefined], entry)
    await page.close()
  }
})
