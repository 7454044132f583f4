import t from 'tap'
import { takesRights } from './takes-rights.ts'
import { newUserOf } from './user.ts'

const ada = newUserOf({ fullName: 'Ada', roles: ['viewer', 'chief'] }, { at: 0, by: 'root' })
const off = { ...ada, disabled: true }

t.test('being disabled and fewer roles take rights, whatever else stays or is called', async t => {
  t.ok(takesRights(ada, { disabled: true }))
  t.ok(takesRights(ada, { disabled: true, roles: ['chief', 'viewer'], fullName: 'A.', version: 1 }))
  t.ok(takesRights(ada, { roles: [] }))
  t.ok(takesRights(ada, { roles: ['viewer'], disabled: false }))
  t.ok(takesRights(off, { disabled: true }))
})

t.test('what gives some, or takes none, is no such change', async t => {
  t.notOk(takesRights(ada, { disabled: true, password: 'correct horse battery' }))
  t.notOk(takesRights(ada, { disabled: true, roles: ['viewer', 'keeper'] }))
  t.notOk(takesRights(ada, { roles: ['keeper'] }))
  t.notOk(takesRights(off, { roles: [], disabled: false }))
  t.notOk(takesRights(ada, { fullName: 'A.', roles: ['chief', 'viewer'], disabled: false }))
  t.notOk(takesRights(ada, {}))
})
