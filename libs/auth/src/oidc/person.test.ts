import t from 'tap'
import { personOf } from './person.ts'

const rules = {
  ...{ nameClaim: 'preferred_username', rolesClaim: 'groups' },
  groups: new Map([
    ['viewer', ['staff', 'guests']],
    ['operator', ['night-crew']]
  ])
}
const ada = {
  iss: 'https://id.example',
  sub: '17',
  name: 'Ada L.',
  preferred_username: 'Ada',
  groups: ['staff']
}

t.test('a person has the roles of his groups', async t => {
  t.same(personOf(ada, rules), {
    ...{ issuer: 'https://id.example', subject: '17', name: 'ada', fullName: 'Ada L.', roles: ['viewer'] }
  })
  t.same(personOf({ ...ada, groups: ['night-crew', 'x', 'staff', 5] }, rules).roles, ['viewer', 'operator'])
  t.same(personOf({ ...ada, groups: 'night-crew' }, rules).roles, ['operator'])
  t.equal(personOf({ ...ada, name: 'x'.repeat(300) }, rules).fullName.length, 100)
})

t.test('without a role one is told which groups give one', async t => {
  for (const groups of [[], undefined, 5, {}, [['staff']], 'STAFF', 'staff,guests'])
    t.throws(() => personOf({ ...ada, groups }, rules), {
      code: 'AUT_NO_ROLE',
      facts: { groups: ['staff', 'guests', 'night-crew'] }
    })
})

t.test('a name that no user can have is refused', async t => {
  for (const name of [undefined, '', 'a', 'ada@example.org', '_administrators', '_first', 'a.b', ['ada'], 5])
    t.throws(() => personOf({ ...ada, preferred_username: name }, rules), { code: 'AUT_BAD_CLAIM' })
})
