import { readFileSync } from 'node:fs'
import t from 'tap'
import { createHeater } from '../test/heater.ts'
import { type Call, createModel, type Model, type ModelContext } from './model.ts'
import { tickAt } from './tick.ts'

const call = (tick: number): Call => ({ at: tickAt(tick, 0), params: {}, abort: () => {} })

/** The part of a component that the heater of README needs: where its events go. */
function heaterOf(published: unknown[]): Model {
  const put = (fields: unknown) => published.push(fields) > 0
  return createHeater({ event: () => ({ put }) } as unknown as ModelContext)
}

function temperatureOf(model: Model): unknown {
  const values = {}
  model.telemetry?.['temperature']?.(values, tickAt(0, 0))
  return (values as { temperature?: unknown }).temperature
}

t.test('the example of README is a model, and README shows it word by word', async t => {
  const source = readFileSync(new URL('../test/heater.ts', import.meta.url), 'utf8')
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  t.ok(
    readme.includes(source.slice(source.indexOf('/** Parts')).trim()),
    'README differs from test/heater.ts'
  )
  const published: unknown[] = []
  const heater = heaterOf(published)
  const work = heater.commands?.['switchOn']?.(call(1))
  for (let tick = 1; tick <= 6000; tick++) heater.advance?.(tickAt(tick, 0))
  t.strictSame(published, [{ on: true }])
  t.ok(Number(temperatureOf(heater)) > 15)
  t.ok(typeof work === 'object' && work.done(tickAt(6000, 0)))
})

t.test('two models of the same tables have a state each', async t => {
  const [one, other] = [heaterOf([]), heaterOf([])]
  one.commands?.['switchOn']?.(call(1))
  for (const heater of [one, other]) heater.advance?.(tickAt(1, 0))
  t.strictSame([temperatureOf(one), temperatureOf(other)], [10.001, 10])
})

t.test('a model steps once a tick however often it is called, or as seldom as its tables say', async t => {
  const stepsOf = (stepTicks?: number): number[] => {
    const steps: number[] = []
    const model = createModel(steps, {
      step: (list, { tick }) => list.push(tick),
      ...(stepTicks !== undefined && { stepTicks })
    })
    for (const tick of [3, 3, 4, 8, 9]) model.advance?.(tickAt(tick, 0))
    return steps
  }
  t.strictSame(stepsOf(), [3, 4, 8, 9])
  t.strictSame(stepsOf(0), [3, 3, 4, 8, 9], 'at each call')
  t.strictSame(stepsOf(5), [4, 9], 'five ticks apart')
})
