import { loadSite } from '@meridian/catalogue'
import t from 'tap'
import {
  assertReadable,
  assertReadableRecord,
  createRights,
  isReadableRecord,
  openAccess,
  readableParts
} from './index.ts'

const rights = createRights(
  new Map([
    ['viewer', { read: ['>'], command: [] }],
    ['mount', { read: ['*.*.MTMount.>', 'evt.*.MTDome.>'], command: ['MTMount.*', 'MTDome.close*'] }],
    ['guest', { read: ['tel.*.ESS.>'], command: [] }]
  ])
)
const as = (...roles: string[]) => ({ rights, principal: { name: 'ada', roles } })

t.test('what may be read of a pattern is said as patterns, all roles together', async t => {
  t.same(
    readableParts(as('viewer', 'mount'), 'tel.s.>'),
    ['tel.s.>'],
    'the pattern itself where all is readable'
  )
  t.same(readableParts(as('mount'), '>'), ['*.*.MTMount.>', 'evt.*.MTDome.>'])
  t.same(readableParts(as('mount', 'guest'), 'tel.s.>'), ['tel.s.MTMount.>', 'tel.s.ESS.>'])
  t.same(readableParts(as('mount'), 'evt.s.*.0.summaryState'), [
    'evt.s.MTMount.0.summaryState',
    'evt.s.MTDome.0.summaryState'
  ])
})

t.test('what one role may read is remembered for nobody else, whatever a pattern looks like', t => {
  t.same(readableParts(as('viewer'), 'tel.s.>'), ['tel.s.>'])
  t.throws(() => readableParts(as(), 'viewer\ntel.s.>'), { code: 'WIR_BAD_PATTERN' })
  t.end()
})

t.test('the scopes of a personal token narrow what the roles allow, and add nothing', async t => {
  const siteRoles = new Map([['chief', { read: ['>'], command: ['*.*'], users: true }]])
  const chiefs = createRights(siteRoles)
  const stop = { csc: 'MTMount', command: 'stop' }
  const mayOf = (roles: readonly string[], scopes?: readonly string[]) => {
    const principal = { name: 'ada', roles, ...(scopes && { scopes }) }
    return [
      chiefs.readable(principal, 'tel.>').length > 0,
      chiefs.mayCommand(principal, stop),
      chiefs.mayManageUsers(principal)
    ]
  }
  t.same(mayOf(['chief']), [true, true, true])
  t.same(mayOf(['chief'], ['read', 'command', 'users']), [true, true, false])
  t.same(mayOf(['chief'], ['read']), [true, false, false])
  t.same(mayOf(['chief'], ['command']), [false, true, false])
  t.same(mayOf(['chief'], []), [false, false, false])
  t.same(mayOf([], ['read', 'command']), [false, false, false])
  const principal = { name: 'ada', roles: ['chief'], scopes: ['command'] }
  t.throws(() => readableParts({ rights: chiefs, principal }, 'tel.>'), {
    ...{ code: 'AUT_NOT_READABLE', message: /a personal token of ada without the scope 'read'/ }
  })
})

t.test('where nothing may be read the refusal names the roles that may', async t => {
  t.throws(() => readableParts(as('guest'), 'evt.s.MTDome.>'), {
    code: 'AUT_NOT_READABLE',
    message: "'evt.s.MTDome.>' by ada, whose roles are guest; it needs viewer or mount",
    facts: { principal: 'ada', pattern: 'evt.s.MTDome.>', roles: ['viewer', 'mount'] }
  })
  t.throws(() => readableParts(as(), 'tel.s.>'), { message: /whose roles are none; it needs/ })
  t.throws(() => readableParts(as('nobody'), '>'), { code: 'AUT_NOT_READABLE' }, 'a role that is not there')
  t.throws(() => readableParts(as('viewer'), 'a..b'), { code: 'WIR_BAD_PATTERN' })
})

t.test('a subject of which a part may be read is not readable', async t => {
  assertReadable(as('mount'), 'evt.s.MTDome.0.summaryState')
  t.throws(() => assertReadable(as('guest'), 'tel.s.MTMount.0.azimuth'), { code: 'AUT_NOT_READABLE' })
})

t.test(
  'the record of a command is read by its readers, and by its sender while he may send such',
  async t => {
    const closed = { site: 's', csc: 'MTDome', index: 0, id: 'x', command: 'closeShutter', principal: 'ada' }
    t.ok(isReadableRecord(as('viewer'), { ...closed, principal: 'eve' }))
    t.ok(isReadableRecord(as('mount'), closed))
    t.notOk(isReadableRecord(as('mount'), { ...closed, principal: 'eve' }), 'sent by another')
    t.notOk(isReadableRecord(as('mount'), { ...closed, command: 'moveAz' }), 'may not be sent any more')
    assertReadableRecord(as('mount'), closed)
    t.throws(() => assertReadableRecord(as('guest'), closed), {
      code: 'AUT_NOT_READABLE',
      facts: { pattern: 'ack.s.*.*.x', roles: ['viewer'] }
    })
  }
)

t.test('commands are allowed by component and name', async t => {
  const may = (role: string, csc: string, command: string): boolean =>
    rights.mayCommand(as(role).principal, { csc, command })
  t.ok(may('mount', 'MTMount', 'moveToTarget'))
  t.ok(may('mount', 'MTDome', 'closeShutter'))
  t.notOk(may('mount', 'MTDome', 'moveAz'))
  t.notOk(may('viewer', 'MTMount', 'stop'))
  t.same(rights.commandersOf({ csc: 'MTMount', command: 'stop' }), ['mount'])
})

t.test('everybody has one role of the site, which must be there', async t => {
  const site = loadSite('small')
  const { principal, rights: small } = openAccess({ OPEN_ROLE: 'viewer' }, site)
  t.same(principal, { name: 'anonymous', roles: ['viewer'] })
  t.same(small.readable(principal, 'tel.>'), ['tel.>'])
  t.notOk(small.mayCommand(principal, { csc: 'MTMount', command: 'stop' }))
  t.throws(() => openAccess({ OPEN_ROLE: 'viewr' }, site), {
    code: 'CFG_INVALID',
    message: /OPEN_ROLE: site small has no role 'viewr'; did you mean 'viewer'\?/
  })
  t.throws(() => openAccess({ OPEN_ROLE: 'king' }, site), {
    message: /; there are viewer, operator, administrator/
  })
})
