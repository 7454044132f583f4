import t from 'tap'
import { isPersonalToken, newPersonalToken, parsePersonalToken, personalTokenText } from './token-text.ts'

t.test('a token is read back as it was made, and is of the form that scanners look for', async t => {
  for (let i = 0; i < 200; i++) {
    const token = newPersonalToken()
    const text = personalTokenText(token)
    t.match(text, /^mrd_[0-9A-Za-z]{50}$/)
    t.same(parsePersonalToken(text), token)
  }
})

t.test(
  'the checksum is CRC-32 to the base 62, digits before letters, so that others can check it too',
  async t => {
    t.same(parsePersonalToken(`mrd_${'a'.repeat(12)}${'b'.repeat(32)}064M7L`), {
      id: 'a'.repeat(12),
      secret: 'b'.repeat(32)
    })
  }
)

t.test('what is no token, or a part of one, is none', async t => {
  const text = personalTokenText(newPersonalToken())
  const other = text.endsWith('0') ? '1' : '0'
  for (const wrong of [
    ...['', 'mrd_', text.slice(0, -1), `${text}0`, ` ${text}`, `${text}\n`, text.toLowerCase()],
    ...[
      text.replace('mrd_', 'mrx_'),
      `${text.slice(0, -1)}${other}`,
      `${text.slice(0, 20)}!${text.slice(21)}`
    ]
  ])
    t.equal(parsePersonalToken(wrong), undefined, wrong)
  t.ok(isPersonalToken('mrd_x'))
  t.notOk(isPersonalToken('eyJhbGciOi'))
})
