/** pnpm itself asks a registry of the test: what it answers is told. The other answers: test-full/audit-deps.full.ts. */
import t from 'tap'
import { ADVISORY, audit, startRegistryOf } from './dependencies/audit-at-registry.ts'

t.test(
  'an advisory is told and ends with 1; what is hostile in one moves no cursor and begins no line',
  async t => {
    const hostile = {
      ...ADVISORY,
      id: 2,
      title: 'a \u001b[2Jfault\naudit of dependencies: 0 packages',
      url: 'https://example.org/\u009b1'
    }
    const { out, code } = await audit('--registry', await startRegistryOf(t, ADVISORY, hostile))
    t.equal(code, 1)
    t.match(out, /^high {5}runs {3}fastify \d+\.\d+\.\d+: a fault https:\/\/example\.org\/1$/m)
    t.match(out, /^audit of dependencies: \d{3,} packages, 2 advisories$/m)
    t.match(out, /: a \[2Jfaultaudit of dependencies: 0 packages https:\/\/example\.org\/1$/m)
    t.notMatch(out.replaceAll('\n', ''), /\p{Cc}/u)
  }
)
