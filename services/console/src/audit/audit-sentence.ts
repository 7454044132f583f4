import type { AuditKind, AuditRecord } from '@meridian/protocol/http'

/** A record in words: who did or tried what; what is stressed is a name. */
export type SentencePart = string | { readonly name: string }

type Words = (record: AuditRecord) => readonly SentencePart[]

const nameOf = (text: string | undefined, otherwise: string): SentencePart =>
  text === undefined ? otherwise : { name: text }
const user = ({ name }: AuditRecord): SentencePart => nameOf(name, 'Somebody')
const actor = ({ by, name }: AuditRecord): SentencePart => nameOf(by ?? name, 'Somebody')
const concerned = ({ name }: AuditRecord): SentencePart => nameOf(name, 'a user')
const isOther = ({ by, name }: AuditRecord): boolean => by !== undefined && by !== name

const tokenOf = ({ token }: AuditRecord): SentencePart => nameOf(token, 'without a name')

/** `MTMount.0.stop` as people write it; a subject, which has more tokens, stays as it is. */
const commandText = (about: string): string => about.replace(/^(\w+)\.(\d+)\.(\w+)$/, '$1:$2 $3')

function askedFor({ about = [] }: AuditRecord, otherwise: string): readonly SentencePart[] {
  if (about.length === 0) return [otherwise]
  return about.flatMap((one, at): SentencePart[] => [
    ...(at === 0 ? [] : [at === about.length - 1 ? ' and ' : ', ']),
    { name: commandText(one) }
  ])
}

const changes = (record: AuditRecord): string => {
  const { changed = [] } = record
  return changed.length === 0 ? '' : `: ${changed.map(what => changeOf(what, record)).join(', ')}`
}

const madeWith = ({ roles = [] }: AuditRecord): string =>
  roles.length === 0 ? '' : ` (${roles.join(' and ')})`

/** What was changed, and to what where the record says it. */
function changeOf(what: string, { roles, disabled }: AuditRecord): string {
  if (what === 'roles' && roles !== undefined) return `roles (now ${roles.join(' and ') || 'none'})`
  if (what === 'disabled' && disabled !== undefined) return disabled ? 'disabled' : 'may log in again'
  return what === 'fullName' ? 'the name that people read' : what
}

const WORDS: Readonly<Record<AuditKind, Words>> = {
  'log-in': record => [user(record), ' logged in'],
  'log-in-refused': record => [user(record), ' was not let in'],
  'log-out': record => [user(record), ' logged out'],
  'refresh-refused': record => [user(record), ' could not go on with a session'],
  'refresh-reused': record => [
    ...['An old token of ', concerned(record), ' was shown again, so the session was ended: there is a copy']
  ],
  'session-ended': record =>
    isOther(record)
      ? [actor(record), ' ended a session of ', concerned(record)]
      : [user(record), ' ended an own session'],
  'user-change-asked': record => [
    ...[actor(record), ' asked to make, change or remove the user ', concerned(record), changes(record)]
  ],
  'user-made': record => [actor(record), ' made the user ', concerned(record), madeWith(record)],
  'user-changed': record => [actor(record), ' changed the user ', concerned(record), changes(record)],
  'user-removed': record => [actor(record), ' removed the user ', concerned(record)],
  'password-changed': record =>
    isOther(record)
      ? [actor(record), ' gave ', concerned(record), ' a new password']
      : [user(record), ' changed the own password'],
  'password-refused': record => [user(record), ' could not change the own password'],
  'token-made': record => [user(record), ' made the personal token ', tokenOf(record)],
  'token-revoked': record => [
    ...[actor(record), ' ended the personal token ', tokenOf(record)],
    ...(isOther(record) ? [' of ', concerned(record)] : [])
  ],
  'command-refused': record => [user(record), ' may not send ', ...askedFor(record, 'a command')],
  'read-refused': record => [user(record), ' may not read ', ...askedFor(record, 'what was asked for')],
  'manage-refused': record => [
    ...[user(record), ' may not manage users or log-ins: ', ...askedFor(record, 'a request')]
  ],
  'token-refused': record => [
    ...(record.token === undefined
      ? ['An access token was not taken']
      : ['The personal token ', tokenOf(record), ' of ', concerned(record), ' was not taken']),
    ...[...((record.about ?? []).length === 0 ? [] : [' for '])],
    ...askedFor(record, '')
  ]
}

/** What happened, in words; a kind that this page does not know is told by its name. */
export function sentenceOf(record: AuditRecord): readonly SentencePart[] {
  const { what, times } = record
  const words = Object.hasOwn(WORDS, what) ? WORDS[what as AuditKind](record) : [`${what}: `, user(record)]
  const more = times === undefined ? '' : `, ${times} more ${times === 1 ? 'time' : 'times'} within a minute`
  return [...words, `${more}.`]
}

/** The kinds as the filter names them. */
export const KIND_NAMES: Readonly<Record<AuditKind, string>> = {
  'log-in': 'logged in',
  'log-in-refused': 'log-in refused',
  'log-out': 'logged out',
  'refresh-refused': 'going on with a session refused',
  'refresh-reused': 'old token shown again',
  'session-ended': 'session ended by hand',
  'user-change-asked': 'change of a user asked for',
  'user-made': 'user made',
  'user-changed': 'user changed',
  'user-removed': 'user removed',
  'password-changed': 'password changed',
  'password-refused': 'new password refused',
  'token-made': 'personal token made',
  'token-revoked': 'personal token ended by hand',
  'command-refused': 'command refused',
  'read-refused': 'reading refused',
  'manage-refused': 'managing users or log-ins refused',
  'token-refused': 'token refused'
}
