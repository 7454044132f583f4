/** What pnpm takes long to say: each question is a start of npx and of pnpm. */
import t from 'tap'
import { ADVISORY, audit, startRegistry, startRegistryOf } from '../dependencies/audit-at-registry.ts'

t.test('an advisory that is only reported is no fault', async t => {
  const { out, code } = await audit('--report', '--registry', await startRegistryOf(t, ADVISORY))
  t.equal(code, 0)
  t.match(out, /^audit of dependencies: \d{3,} packages, 1 advisories$/m)
})

t.test('a registry without advisories, or none at all, is told and is no fault', async t => {
  const refusing = await startRegistry(t, (_request, response) => response.writeHead(405).end())
  for (const url of [refusing, 'http://127.0.0.1:9/'])
    t.match(await audit('--registry', url), {
      code: 0,
      out: /^audit of dependencies skipped: .*(405|127\.0\.0\.1:9|error)/
    })
})
