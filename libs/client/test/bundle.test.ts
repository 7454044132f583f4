import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { build, type Rollup } from 'vite'

const MAX_BYTES = 14_000
const entry = fileURLToPath(new URL('page.ts', import.meta.url))

/** What a page gets that does no more than make a client. */
async function bundle(): Promise<string> {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['module', 'browser'] },
    build: { write: false, modulePreload: false, rolldownOptions: { input: entry } }
  })) as Rollup.RollupOutput
  return built.output.map(chunk => ('code' in chunk ? chunk.code : '')).join('')
}

t.test('a page pays at most 14 KB for the client, and gets nothing of Node', async t => {
  const code = await bundle()
  const bytes = gzipSync(code, { level: 9 }).length
  t.comment(`${bytes} bytes min+gzip`)
  t.ok(bytes > 2000, 'there is something in it')
  t.ok(bytes <= MAX_BYTES, `${bytes} bytes`)
  t.notMatch(code, /node:|permessage-deflate|require\(/)
  t.notMatch(code, /new Function|\bFunction\(/, 'and no code that a strict content security policy forbids')
})
