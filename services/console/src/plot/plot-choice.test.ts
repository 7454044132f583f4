import t from 'tap'
import { createPageClock, type MachineClock } from '../page-clock.ts'
import type { FieldRef } from './field-ref.ts'
import { type PlotChoice, recallChoice, rememberChoice } from './plot-choice.ts'

import { createPlotStore } from './plot-store.ts'

/** The storage of a browser's tab. */
function tabOf(values = new Map<string, string>()) {
  Object.assign(globalThis, {
    sessionStorage: {
      getItem: (name: string) => values.get(name) ?? null,
      setItem: (name: string, value: string) => values.set(name, value)
    }
  })
  return values
}

const azimuth: FieldRef = { subject: 'tel.summit.MTDome.0.azimuth', field: 'positionActual', units: 'deg' }

function plotOf(choice: PlotChoice, machine?: MachineClock) {
  const choices: PlotChoice[] = []
  const connection = { subscribe: () => ({ close() {}, update() {} }) }
  const plot = createPlotStore({
    connection,
    clock: createPageClock(machine),
    choice,
    onChoice: one => choices.push(one)
  })
  return { plot, choices }
}

t.test('a choice is found again under its instance, and only there', async t => {
  tabOf()
  rememberChoice('MTDome:0', { fields: [azimuth], spanSeconds: 60 })
  t.same(recallChoice('MTDome:0'), { fields: [azimuth], spanSeconds: 60 })
  t.same(recallChoice('MTMount:0'), {})
})

t.test('what does not look like a choice counts for nothing', async t => {
  for (const text of ['nonsense{', '[]', '7', '{"fields":[{"field":1}],"spanSeconds":"x"}'])
    tabOf(new Map([['meridian.plot.MTDome:0', text]])) && t.same(recallChoice('MTDome:0'), {}, text)
})

t.test('a browser that forbids storage costs the memory and nothing else', async t => {
  Object.defineProperty(globalThis, 'sessionStorage', {
    configurable: true,
    get() {
      throw new Error('forbidden')
    }
  })
  rememberChoice('MTDome:0', { spanSeconds: 60 })
  t.same(recallChoice('MTDome:0'), {})
  Reflect.deleteProperty(globalThis, 'sessionStorage')
})

t.test('what a plot begins with is no choice; what a person adds, removes or spans is', async t => {
  let nowMs = 0
  const { plot, choices } = plotOf({}, { nowMs: () => nowMs })
  plot.begin([azimuth])
  nowMs = 2000
  t.same([plot.series.value.length, choices], [1, []])
  plot.show({ kind: 'live', spanSeconds: 900 })
  plot.show({ kind: 'held', from: 0, to: 1 })
  plot.resume()
  t.same(plot.window.value, { kind: 'live', spanSeconds: 900 }, 'back to the span chosen last')
  plot.toggle(azimuth)
  t.same(choices.at(-1), { spanSeconds: 900, fields: [] })
  plot.begin([azimuth])
  t.equal(plot.series.value.length, 0, 'an emptied plot stays empty')
  plot.close()
})

t.test(
  'a press on a field whose line has only just begun by itself keeps the line; the next takes it out',
  async t => {
    let nowMs = 0
    const { plot, choices } = plotOf({}, { nowMs: () => nowMs })
    plot.begin([azimuth])
    nowMs = 1400
    plot.toggle(azimuth)
    t.ok(plot.has(azimuth), 'whoever pressed had not seen it')
    t.same(choices, [{ fields: [azimuth] }])
    plot.toggle(azimuth)
    t.notOk(plot.has(azimuth))
    plot.close()
  }
)

t.test('a plot opens with what was chosen before', async t => {
  const { plot } = plotOf({ fields: [azimuth], spanSeconds: 60 })
  t.ok(plot.isBegun())
  t.ok(plot.has(azimuth))
  t.same(plot.window.value, { kind: 'live', spanSeconds: 60 })
  plot.close()
})
