import { AUDIT_KINDS, type AuditRecord } from '@meridian/protocol/http'
import t from 'tap'
import { KIND_NAMES, sentenceOf } from './audit-sentence.ts'

const words = (record: Omit<AuditRecord, 'time' | 'process'>): string =>
  sentenceOf({ time: 0, process: 'api-1', ...record })
    .map(part => (typeof part === 'string' ? part : `*${part.name}*`))
    .join('')

t.test('each record is a sentence that names who, and what was asked for', async t => {
  const cases: [Omit<AuditRecord, 'time' | 'process'>, string][] = [
    [{ what: 'log-in', name: 'olga' }, '*olga* logged in.'],
    [{ what: 'log-in-refused' }, 'Somebody was not let in.'],
    [
      { what: 'log-in-refused', name: 'olga', times: 1 },
      '*olga* was not let in, 1 more time within a minute.'
    ],
    [
      { what: 'user-changed', name: 'bob', by: 'ada', changed: ['roles', 'disabled'] },
      '*ada* changed the user *bob*: roles, disabled.'
    ],
    [
      {
        what: 'user-changed',
        name: 'bob',
        by: 'ada',
        changed: ['roles', 'disabled'],
        roles: ['viewer', 'operator'],
        disabled: true
      },
      '*ada* changed the user *bob*: roles (now viewer and operator), disabled.'
    ],
    [
      {
        what: 'user-changed',
        name: 'bob',
        by: 'ada',
        changed: ['roles', 'disabled'],
        roles: [],
        disabled: false
      },
      '*ada* changed the user *bob*: roles (now none), may log in again.'
    ],
    [{ what: 'user-made', name: 'bob', by: 'ada', roles: ['viewer'] }, '*ada* made the user *bob* (viewer).'],
    [{ what: 'log-out', name: 'bob', by: 'bob' }, '*bob* logged out.'],
    [{ what: 'session-ended', name: 'bob', by: 'bob' }, '*bob* ended an own session.'],
    [{ what: 'session-ended', name: 'bob', by: 'ada' }, '*ada* ended a session of *bob*.'],
    [{ what: 'session-ended', name: 'bob' }, '*bob* ended an own session.'],
    [
      { what: 'command-refused', name: 'bob', about: ['MTMount.0.stop'] },
      '*bob* may not send *MTMount:0 stop*.'
    ],
    [
      { what: 'command-refused', name: 'bob', about: ['A.0.a', 'A.0.b', 'A.0.c'], times: 12 },
      '*bob* may not send *A:0 a*, *A:0 b* and *A:0 c*, 12 more times within a minute.'
    ],
    [{ what: 'read-refused', name: 'bob', about: ['evt.>'] }, '*bob* may not read *evt.>*.'],
    [
      { what: 'read-refused', name: 'bob', about: ['tel.summit.MTMount.0.azimuth'] },
      '*bob* may not read *tel.summit.MTMount.0.azimuth*.'
    ],
    [
      { what: 'token-revoked', name: 'bob', by: 'ada', token: 'ci' },
      '*ada* ended the personal token *ci* of *bob*.'
    ],
    [{ what: 'token-refused', address: '10.0.0.1' }, 'An access token was not taken.'],
    [{ what: 'dashboard-changed', name: 'bob' }, 'dashboard-changed: *bob*.']
  ]
  for (const [record, sentence] of cases) t.equal(words(record), sentence)
})

t.test('every kind that the audit tells has its words', async t => {
  for (const what of AUDIT_KINDS) {
    t.ok(KIND_NAMES[what], what)
    t.notMatch(words({ what, name: 'bob' }), `${what}:`)
  }
})
