import t from 'tap'
import { takenOffer } from './deflate-offer.ts'

const NAME = 'permessage-deflate'

t.test('an offer that we can keep is taken, reduced to what binds us', async t => {
  for (const [offered, taken] of [
    [NAME, NAME],
    [`${NAME}; client_max_window_bits`, NAME],
    [`${NAME}; client_max_window_bits=10; client_no_context_takeover`, NAME],
    [`${NAME}; server_no_context_takeover; client_no_context_takeover`, NAME],
    [`${NAME}; server_max_window_bits=9`, `${NAME}; server_max_window_bits=9`],
    [`${NAME}; server_max_window_bits="15"`, `${NAME}; server_max_window_bits=15`],
    [`x-other; a=1, ${NAME}`, NAME]
  ] as const)
    t.equal(takenOffer(offered), taken, offered)
})

t.test('an offer that is not allowed is passed over for the next, and is no error', async t => {
  const bad = [
    'unknown',
    'unknown=1',
    'server_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=08',
    'server_max_window_bits=9; server_max_window_bits=9',
    'client_max_window_bits=7',
    'client_max_window_bits=x',
    'client_max_window_bits; client_max_window_bits',
    'server_no_context_takeover=true',
    'client_no_context_takeover=1',
    'server_no_context_takeover; server_no_context_takeover'
  ]
  for (const parameters of bad) {
    t.equal(takenOffer(`${NAME}; ${parameters}`), undefined, parameters)
    t.equal(
      takenOffer(`${NAME}; ${parameters}, ${NAME}; server_max_window_bits=12`),
      `${NAME}; server_max_window_bits=12`
    )
  }
  t.equal(takenOffer('x-webkit-deflate-frame'), undefined)
})

t.test('a header that is not of its form is a syntax error', async t => {
  for (const header of ['', ',', `${NAME};`, `${NAME}; =1`, `${NAME}; a="`, 'ä'])
    t.throws(() => takenOffer(header), SyntaxError, header)
})
