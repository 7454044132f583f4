import t from 'tap'
import { drawRecordBegins } from './draw-record-begins.ts'

t.test('a label stands beside its line however the axes were written before', async t => {
  const written: unknown[] = []
  const names = ['save', 'restore', 'setLineDash', 'fillRect', 'beginPath', 'moveTo', 'lineTo', 'stroke']
  const nothing = Object.fromEntries(names.map(name => [name, () => undefined]))
  // What an axis on the left leaves behind.
  const ctx = {
    ...nothing,
    textAlign: 'right',
    measureText: () => ({ width: 60 }),
    fillText: (text: string, x: number) => written.push([text, x, ctx.textAlign])
  }
  const { devicePixelRatio, getComputedStyle, document } = globalThis
  Object.assign(globalThis, {
    devicePixelRatio: 1,
    getComputedStyle: () => ({ fontFamily: 'sans-serif' }),
    document: {}
  })
  t.teardown(() => Object.assign(globalThis, { devicePixelRatio, getComputedStyle, document }))
  const chart = { ctx, bbox: { left: 70, top: 0, width: 400, height: 200 }, valToPos: () => 100 }
  const colours = { ground: 'grey', line: 'grey', text: 'white' }
  drawRecordBegins(
    chart as unknown as Parameters<typeof drawRecordBegins>[0],
    [{ at: 0, label: 'record begins' }],
    colours
  )
  t.same(written, [['record begins', 105, 'left']])
})
