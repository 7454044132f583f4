import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { countsOfTally, countsOfTap, isGood, orFailed, tallyLine } from './counts.ts'

t.test("tap's closing line is read, and its absence is no success", async t => {
  t.same(countsOfTap('ok 1\n# { total: 5, pass: 3, fail: 1, skip: 1 }\n# time=3ms\n'), {
    pass: 3,
    fail: 1,
    skip: 1
  })
  t.same(countsOfTap('# { total: 2, pass: 1, todo: 1 }'), { pass: 1, fail: 0, skip: 1 })
  t.equal(countsOfTap('ok 1\n'), undefined)
})

t.test('the last tally of an output is read back as it was written', async t => {
  const counts = { pass: 12, fail: 3, skip: 4 }
  t.same(countsOfTally(`1 passed, 0 failed\nmore\n${tallyLine(counts)}\n`), counts)
  t.same(countsOfTally('7 passed, 0 failed\n'), { pass: 7, fail: 0, skip: 0 })
  t.equal(countsOfTally('lint failed\n'), undefined)
})

t.test('a run that ends with another code than 0 has failed, also where no test did', async t => {
  const good = { pass: 9, fail: 0, skip: 1 }
  t.same(orFailed(good, '0'), good)
  t.same(orFailed(good, '1'), { ...good, fail: 1 })
  t.same(orFailed(good, undefined), { ...good, fail: 1 })
  t.same(orFailed({ ...good, fail: 3 }, '1'), { ...good, fail: 3 })
})

t.test('a run in which nothing was tested is not good', async t => {
  t.notOk(isGood({ pass: 0, fail: 0, skip: 0 }))
  t.notOk(isGood({ pass: 9, fail: 1, skip: 0 }))
  t.ok(isGood({ pass: 9, fail: 0, skip: 1 }))
})

t.test('the tally of two stages is their sum; a stage that broke off counts as failed', async t => {
  const folder = t.testdir({
    one: 'text\n5 passed, 0 failed, 1 skipped\n',
    two: '2 passed, 0 failed\n',
    three: 'error'
  })
  const tally = fileURLToPath(new URL('../tally.ts', import.meta.url))
  const run = (...stages: string[]): { status: number | null; last: string | undefined } => {
    const argv = ['--import', 'tsx', tally, ...stages.map(stage => `${folder}/${stage}`)]
    const { status, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
    return { status, last: stdout.trimEnd().split('\n').at(-1) }
  }
  t.same(run('one', 'two'), { status: 0, last: '7 passed, 0 failed, 1 skipped' })
  t.same(run('one', 'three'), { status: 1, last: '5 passed, 1 failed, 1 skipped' })
})
