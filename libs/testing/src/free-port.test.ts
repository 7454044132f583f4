import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { freePort } from './free-port.ts'
import { PLACE_VARIABLE, PLACES } from './places.ts'

const loader = fileURLToPath(new URL('compile-by-tsx.cjs', import.meta.url))
const room = new URL('free-port.ts', import.meta.url).href
const DRAW = `import(${JSON.stringify(room)}).then(async ({ freePort }) => {
  for (let i = 0; i < 20; i++) console.log(await freePort())
})`

function drawnIn(place: number | undefined): number[] {
  const env = { ...process.env, [PLACE_VARIABLE]: place?.toString() }
  return execFileSync(process.execPath, ['--require', loader, '--import', 'tsx', '-e', DRAW], {
    env,
    encoding: 'utf8'
  })
    .trim()
    .split('\n')
    .map(Number)
}

t.test('no two places of a machine draw the same port', async t => {
  const ranges = [0, 1, PLACES - 1, undefined].map(drawnIn)
  for (const ports of ranges) {
    t.equal(new Set(ports).size, 20, 'one is never drawn twice')
    t.ok(ports.every(port => port >= 20_000 && port < 32_000))
  }
  const parts = ranges.map(ports => new Set(ports.map(port => Math.floor((port - 20_000) / 1200))))
  t.strictSame(
    parts.map(part => [...part]),
    [[0], [1], [PLACES - 1], [PLACES]]
  )
})

t.test('a port on which somebody listens is not drawn', async t => {
  const port = (await freePort()) + 1
  const server = createServer()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  t.not(await freePort(), port)
})
