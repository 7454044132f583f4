import t from 'tap'
import {
  isStateCommand,
  nextState,
  notAllowed,
  STATE_COMMANDS,
  SUMMARY,
  type SummaryState,
  statesUpTo
} from './summary-state.ts'

t.test('the table allows exactly the changes that SAL has', async t => {
  const { DISABLED, ENABLED, FAULT, OFFLINE, STANDBY } = SUMMARY
  const allowed = STATE_COMMANDS.flatMap(command =>
    Object.values(SUMMARY).flatMap((state: SummaryState) => {
      const next = nextState(state, command)
      return next === undefined ? [] : [[command, state, next]]
    })
  )
  t.strictSame(allowed, [
    ['start', STANDBY, DISABLED],
    ['enable', DISABLED, ENABLED],
    ['disable', ENABLED, DISABLED],
    ['standby', DISABLED, STANDBY],
    ['standby', FAULT, STANDBY],
    ['exitControl', STANDBY, OFFLINE],
    ['enterControl', OFFLINE, STANDBY]
  ])
})

t.test('a refusal names the command and the state as real components do', async t => {
  t.equal(notAllowed('enable', SUMMARY.STANDBY), 'enable not allowed in state <State.STANDBY: 5>')
})

t.test('a component that begins enabled passes through standby and disabled', async t => {
  t.strictSame(statesUpTo(SUMMARY.ENABLED), [5, 1, 2])
  t.strictSame(statesUpTo(SUMMARY.DISABLED), [5, 1])
  t.strictSame(statesUpTo(SUMMARY.STANDBY), [5])
})

t.test('only the six commands change the state', async t => {
  t.ok(isStateCommand('enable'))
  t.notOk(isStateCommand('moveToTarget'))
  t.notOk(isStateCommand('toString'))
})
