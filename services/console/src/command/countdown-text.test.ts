import t from 'tap'
import { type CommandEntry, sentEntry, withAccepted } from './command-entry.ts'
import { countdownText } from './countdown-text.ts'

const sent = sentEntry({ id: 'a', target: 'MTMount:0', command: 'stop', params: {} }, 100)
const accepted = (): CommandEntry => {
  const answer = { id: 'a', state: 'accepted', acceptedAt: 101, notAfter: 111, ackSubject: 's' } as const
  return withAccepted(sent, { ...answer, duplicate: false }, 'gateway')
}

t.test('what no commander has taken is not said to run', async t => {
  t.equal(countdownText(sent, 108.4), 'not taken yet, 8 s')
  t.equal(countdownText(sent, 99), 'not taken yet, 0 s', 'a clock that was set back counts as none')
})

t.test('what was accepted counts down to its next stage, or runs', async t => {
  t.equal(countdownText(accepted(), 108.4), '3 s left')
  t.equal(countdownText(accepted(), 112), 'overdue by 1 s')
  t.equal(countdownText({ ...accepted(), dueTai: undefined }, 108.4), 'running for 8 s')
})
