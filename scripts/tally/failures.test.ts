import t from 'tap'
import { failuresOf, tellFailures, toldFailuresIn } from './failures.ts'

const OUTPUT = `TAP version 14
# Subtest: test/a.test.ts
    # Subtest: a page
        ok 1 - good
        not ok 2 - should be equal
          ---
          diff: |
            -1
            +2
          ...
        1..2
    not ok 1 - a page # time=341.855ms
    ok 2 - another # time=1ms
    not ok 3 - timeout!
      ---
      signal: SIGTERM
      ...
    1..3
not ok 1 - test/a.test.ts # time=492.158ms
  ---
  exitCode: 1
  ...
# Subtest: test/b.test.ts
    ok 1 - good
ok 2 - test/b.test.ts
`

t.test('each assertion that failed is found once, with what is around it', async t => {
  t.same(failuresOf(OUTPUT), [
    { names: ['test/a.test.ts', 'a page', 'should be equal'], diagnostics: ['diff: |', '  -1', '  +2'] },
    { names: ['test/a.test.ts', 'timeout!'], diagnostics: ['signal: SIGTERM'] }
  ])
  t.same(failuresOf('ok 1\n# { total: 1, pass: 1 }\n'), [])
})

t.test('a file that ended without an assertion that failed is a failure itself', async t => {
  t.same(failuresOf('not ok 2 - test/c.test.ts # time=3ms\n  ---\n  exitCode: 1\n  ...\n'), [
    { names: ['test/c.test.ts'], diagnostics: ['exitCode: 1'] }
  ])
})

t.test(
  'told failures are found in the output of a stage again; of very many the rest is counted',
  async t => {
    const told = tellFailures('services/x test', failuresOf(OUTPUT))
    t.equal(told[0], 'failed: services/x test > test/a.test.ts > a page > should be equal')
    t.same(toldFailuresIn(['noise', ...told, '3 passed, 2 failed'].join('\n')), told)
    const one = { names: ['n'], diagnostics: [] }
    t.match(tellFailures('w', Array(25).fill(one)).at(-1), 'and 5 more')
  }
)
