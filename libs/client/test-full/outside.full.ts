import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openBrowser, serveFolder, whyNot } from '../test/open-page.ts'
import { type ScriptedServer, startScriptedServer } from '../test/scripted-server.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const AZIMUTH = 'tel.summit.MTMount.0.azimuth'

// A client of one topic and one command, as `pnpm types` writes them.
const typed = `
    interface Topics { readonly [subject: \`tel.\${string}.MTMount.0.azimuth\`]: { readonly actual: number } }
    interface Commands { readonly MTMount: { readonly move: { readonly azimuth: number } } }
    const url = '/live'
    const client: TypedClient<Topics, Commands> = createClient({ url })
    const move = { csc: 'MTMount', index: 0, command: 'move', params: { azimuth: 1 } } as const`

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
  `,
  'right.mts': `
    import { ClientError, type ClientStatus, createClient, keyToken, type TypedClient } from './meridian/client.js'
    import { subscribePerFrame } from './meridian/frame.js'
    import { createClient as createKept } from './meridian/kept.js'
    import { type MinMax, readMinMax } from './meridian/minmax.js'
    import { createClient as createShared } from './meridian/page/shared.js'
    import { createClient as createWorker } from './meridian/page/worker.js'
    ${typed}
    client.subscribe(['tel.*.MTMount.0.azimuth'], {
      onData({ fields }) {
        const degrees: number = fields.actual
        const extremes: MinMax | undefined = readMinMax(fields)
        return [degrees, extremes?.count]
      }
    })
    client.onStatus((status: ClientStatus) => [status.state === 'live', status.error?.code])
    client.command(move).done.then(({ state }) => state === 'complete')
    subscribePerFrame(createClient({ url }), [keyToken(['a'])], { onFrame: (_updates, replaced) => replaced + 1 })
    const kept = createKept({ url, maxAgeMs: 1 }).kept() === 'found'
    const places = [createShared({ url }).place, createWorker({ url }).place === 'page', kept]
    export const problem: string | boolean = new ClientError({ code: 'A', message: '', canRetry: true }).canRetry || places.length > 0
  `,
  'wrong.mts': `
    import { createClient, type TypedClient } from './meridian/client.js'
    import { createClient as createKept } from './meridian/kept.js'
    import { readMinMax } from './meridian/minmax.js'
    import { createClient as createShared } from './meridian/page/shared.js'
    ${typed}
    client.subscribe(['tel.*.MTMount.0.azimuth'], { onData: ({ fields }) => fields.wrongField })
    client.command({ ...move, command: 'wrongCommand' })
    createClient({ wrongOption: url })
    createKept({ url }).kept() === 'wrongState'
    readMinMax({})?.wrongMember
    createShared({ url }).place === 'wrongPlace'
    client.status().wrongStatus
    createClient({ url }).command(move).done.then(({ state }) => state === 'wrongStage')
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

t.test('TypeScript knows every entry, and refuses what is wrong, without a package of ours', async t => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'meridian-outside-'))
  t.teardown(() => rmSync(elsewhere, { recursive: true }))
  cpSync(folder, elsewhere, { recursive: true })
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext']
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'right.mts', 'wrong.mts'],
    { cwd: elsewhere, encoding: 'utf8' }
  )
  t.not(status, 0)
  const problems = stdout.split('\n').filter(line => line.includes('error TS'))
  t.same(
    problems.map(line => /^wrong\.mts.*?(wrong\w+)/.exec(line)?.[1] ?? line),
    ['Field', 'Command', 'Option', 'State', 'Member', 'Place', 'Status', 'Stage'].map(what => `wrong${what}`),
    stdout
  )
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
