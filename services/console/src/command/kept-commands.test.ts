import t from 'tap'
import { type CommandEntry, isLost, sentEntry, stateOf, withError } from './command-entry.ts'
import { keepCommands, recallCommands } from './kept-commands.ts'

/** The storage of a browser's tab. */
function tabOf(values = new Map<string, string>()) {
  const sessionStorage = {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => values.set(name, value)
  }
  Object.assign(globalThis, { sessionStorage })
  return values
}

t.after(() => Reflect.deleteProperty(globalThis, 'sessionStorage'))

const HOUR_MS = 3_600_000
const sent = (id: string): CommandEntry =>
  sentEntry({ id, target: 'MTMount:0', command: 'stop', params: { hard: true } }, 2_000_000_000)
const only = (entries: readonly CommandEntry[]) => entries[0] as CommandEntry

t.test('a command on its way is found again, and nobody is said to have answered it', async t => {
  tabOf()
  keepCommands([sent('a')])
  const found = only(recallCommands())
  t.match(found, { id: 'a', target: 'MTMount:0', command: 'stop', params: { hard: true } })
  t.ok(isLost(stateOf(found)))
  t.match(found.steps.at(-1)?.detail, /^asked at \d\d:\d\d:\d\d\.\d{3} UTC; no answer was known/)
  keepCommands([found])
  t.equal(only(recallCommands()).steps.length, 2, 'a second reload adds nothing')
})

t.test('a refusal is found again as it was', async t => {
  tabOf()
  const refused = withError(sent('a'), { code: 'CMD_NOT_ALLOWED', message: 'why', canRetry: false })
  keepCommands([refused])
  t.match(only(recallCommands()).steps, [{ state: 'sending' }, { state: 'notAccepted', detail: 'why' }])
})

t.test('the newest 50 are kept, for an hour from when each was sent', async t => {
  tabOf()
  const many = Array.from({ length: 60 }, (_, i) => sent(`${i}`))
  keepCommands(many, 0)
  t.same(
    recallCommands(HOUR_MS).map(({ id }) => id),
    many.slice(0, 50).map(({ id }) => id)
  )
  keepCommands([sent('later'), ...many], HOUR_MS)
  t.same(
    recallCommands(HOUR_MS + 1).map(({ id }) => id),
    ['later'],
    'that it was kept once more makes none younger'
  )
})

t.test('what does not look like a command counts for nothing', async t => {
  const values = tabOf()
  const entry = sent('a')
  const steps = [{ state: 'flying', time: 1, detail: '' }]
  const strange = [null, 3, {}, { sentMs: 0 }, { sentMs: 0, entry: { ...entry, steps: [] } }]
  for (const held of ['{', '3', JSON.stringify([...strange, { sentMs: 0, entry: { ...entry, steps } }])]) {
    values.set('meridian.commands', held)
    t.same(recallCommands(0), [], held)
  }
})
