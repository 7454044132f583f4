import t from 'tap'
import { degradedTextOf } from './degraded.ts'

t.test('each step below the top says what is slower, what is not, and what helps', async t => {
  t.equal(degradedTextOf('none'), undefined)
  for (const step of ['slower', 'latest', 'paused'] as const) {
    const { title = '', advice = '' } = degradedTextOf(step) ?? {}
    t.match(title, /^SLOW CONNECTION: .*telemetry/i)
    t.match(advice, /States, events, alarms and commands come as always/)
    t.match(advice, /Close plots/)
  }
})
