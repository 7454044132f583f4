import t from 'tap'
import type { Counts } from '../tally/counts.ts'
import { findFullTests } from './find-files.ts'
import { runStage } from './stage.ts'

const good: Counts = { pass: 3, fail: 0, skip: 0 }

/** Runs a stage whose files end as told, run after run. */
async function stageOf(
  outcomes: Readonly<Record<string, readonly (Counts | undefined)[]>>,
  { budgetMs = 1000, takesMs = 1 } = {}
): Promise<{ total: Counts; said: string; limits: number[] }> {
  const said: string[] = []
  const limits: number[] = []
  const runs = new Map<string, number>()
  let now = 0
  const total = await runStage(Object.keys(outcomes), {
    async run(file, limitMs) {
      const at = runs.get(file) ?? 0
      runs.set(file, at + 1)
      now += takesMs
      limits.push(limitMs)
      const counts = outcomes[file]?.[at]
      return { counts, seconds: 1, failures: counts?.fail ? [`failed: ${file}`] : [] }
    },
    say: line => said.push(line),
    tell: line => said.push(line),
    budgetMs,
    fileMs: 600,
    nowMs: () => now
  })
  return { total, said: said.join('\n'), limits }
}

t.test('the counts of good files are added, each file run once', async t => {
  const { total, limits } = await stageOf({ a: [good], b: [good] })
  t.same(total, { pass: 6, fail: 0, skip: 0 })
  t.equal(limits.length, 2)
})

t.test('a file that fails once is run again: both results are told, the second counts', async t => {
  const { total, said } = await stageOf({ a: [{ pass: 2, fail: 1, skip: 0 }, good] })
  t.same(total, good)
  t.match(said, /failed: a\n.*2 passed, 1 failed.*\n.*once more.*\n.*3 passed, 0 failed/)
})

t.test('a file that fails twice has failed', async t => {
  const bad = { pass: 2, fail: 1, skip: 0 }
  t.same((await stageOf({ a: [bad, bad], b: [good] })).total, { pass: 5, fail: 1, skip: 0 })
})

t.test('a skipped test, a file without tests and one that does not finish are failures', async t => {
  const skipped = { pass: 2, fail: 0, skip: 1 }
  t.same((await stageOf({ a: [skipped, skipped] })).total, { pass: 2, fail: 1, skip: 0 })
  const empty = { pass: 0, fail: 0, skip: 0 }
  t.same((await stageOf({ a: [empty, empty] })).total, { pass: 0, fail: 1, skip: 0 })
  t.same((await stageOf({ a: [undefined, undefined] })).total, { pass: 0, fail: 1, skip: 0 })
})

t.test('a file gets no more time than the stage has left, and none is begun after its end', async t => {
  const { total, said, limits } = await stageOf({ a: [good], b: [good], c: [good] }, { takesMs: 500 })
  t.same(limits, [600, 500])
  t.same(total, { pass: 6, fail: 1, skip: 0 })
  t.match(said, 'c: not run')
})

t.test('a file that cannot run here is left out, which is told and counted', async t => {
  const said: string[] = []
  const total = await runStage(['a', 'b'], {
    run: async () => ({ counts: good, seconds: 1, failures: [] }),
    leftOut: file => (file === 'a' ? 'there is no java' : undefined),
    say: line => said.push(line),
    tell: () => undefined,
    budgetMs: 1_000,
    fileMs: 600
  })
  t.same(total, { pass: 3, fail: 0, skip: 1 })
  t.ok(said.includes('a: left out: there is no java'))
})

t.test('test files are found wherever a test-full folder is', async t => {
  const root = t.testdir({
    libs: { a: { 'test-full': { 'one.full.ts': '', 'helper.ts': '' }, src: { 'no.full.ts': '' } }, b: {} },
    services: { c: { 'test-full': { deep: { 'two.full.ts': '' } } } },
    scripts: { 'test-full': { 'three.full.ts': '' } }
  })
  t.same(findFullTests(root), [
    'libs/a/test-full/one.full.ts',
    'scripts/test-full/three.full.ts',
    'services/c/test-full/deep/two.full.ts'
  ])
})

t.test('a file that waits runs beside the others', { timeout: 600_000 }, async t => {
  let begin = (): void => {}
  const begun = new Promise<void>(resolve => {
    begin = resolve
  })
  const total = await runStage(['busy', 'waiting'], {
    async run(file) {
      if (file === 'waiting') begin()
      await begun
      return { counts: good, seconds: 1, failures: [] }
    },
    waits: file => file === 'waiting',
    ...{ say: () => {}, tell: () => {}, budgetMs: 1000, fileMs: 600, nowMs: () => 0 }
  })
  t.same(total, { pass: 6, fail: 0, skip: 0 })
})
