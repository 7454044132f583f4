import t from 'tap'
import { createRarely } from './rarely.ts'

function setUp() {
  let nowMs = 0
  const lines: [string, number][] = []
  const rarely = createRarely({ everyMs: 60_000, nowMs: () => nowMs })
  return {
    lines,
    due: (what: string, about?: string) => rarely(what, times => lines.push([what, times]), about),
    pass: (ms: number) => (nowMs += ms)
  }
}

t.test('the same is said once in the time, and then how often it was due', async t => {
  const { lines, due, pass } = setUp()
  for (let i = 0; i < 5; i++) due('refused', 'MTMount')
  due('refused', 'MTDome')
  t.same(lines, [
    ['refused', 1],
    ['refused', 1]
  ])
  pass(60_000)
  due('refused', 'MTMount')
  t.same(lines.at(-1), ['refused', 5])
})

t.test('whoever names something else each time gets no line for each', async t => {
  const { lines, due, pass } = setUp()
  for (let i = 0; i < 10_000; i++) due('refused', `Flood${i}`)
  t.ok(lines.length <= 201, `${lines.length} lines`)
  const before = lines.length
  pass(60_000)
  due('refused', 'MTMount')
  t.equal(lines.length, before + 1, 'what is over makes room')
})
