import t from 'tap'
import { parseUserName, userNameOf } from './user-name.ts'

t.test('a name is written in small letters, however it comes', async t => {
  t.equal(userNameOf('Kim_2-b'), 'kim_2-b')
  t.equal(parseUserName('KIM'), 'kim')
})

t.test('what no user can be named is none of somebody else either', async t => {
  const kelvin = '\u212Aim'
  t.equal(kelvin.toLowerCase(), 'kim')
  for (const text of [kelvin, '', 'k', '2kim', 'kim b', 'kïm', 'k'.repeat(33), 'kim\n']) {
    t.equal(userNameOf(text), undefined)
    t.throws(() => parseUserName(text), { code: 'AUT_BAD_NAME' })
  }
})
