import t from 'tap'
import { noRoleError, personOf } from './person.ts'

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
    t.same(roleless(groups).roles, [])
  const claims = { ...ada, groups: ['visitors'] }
  t.match(noRoleError(roleless(claims.groups), claims, rules), {
    code: 'AUT_NO_ROLE',
    message: /ada, whose 'groups' are visitors; it needs staff or guests or night-crew/,
    facts: { groups: ['staff', 'guests', 'night-crew'] }
  })
})
const roleless = (groups: unknown) => personOf({ ...ada, groups }, rules)

t.test('a name that no user can have is refused', async t => {
  for (const name of [undefined, '', 'a', 'ada@example.org', '_administrators', '_first', 'a.b', ['ada'], 5])
    t.throws(() => personOf({ ...ada, preferred_username: name }, rules), { code: 'AUT_BAD_CLAIM' })
})
