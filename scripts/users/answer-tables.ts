import type {
  PersonalTokenAnswer,
  PersonalTokensAnswer,
  SessionsAnswer,
  UsersAnswer
} from '@meridian/protocol/http'
import { tableOf, utcOf } from './table.ts'

/** All users, each with what he logs in by, and below them those that cannot be read. */
export function usersTable({ users, unreadable }: UsersAnswer): string {
  const rows = users.map(({ name, fullName, roles, disabled, ofProvider, changedBy, changedAt }) => [
    ...[name, fullName, roles.join(', '), ofProvider ? 'provider' : 'password', disabled ? 'disabled' : ''],
    `${utcOf(changedAt)} by ${changedBy}`
  ])
  const lost = unreadable.map(
    ({ name, code }) => `${name} cannot be read (${code}): remove it and make it again\n`
  )
  return [tableOf(['NAME', 'FULL NAME', 'ROLES', 'LOG-IN', '', 'CHANGED'], rows), ...lost].join('')
}

/** All sessions, or those of one user. */
export function sessionsTable({ sessions, complete }: SessionsAnswer, name: string | undefined): string {
  const rows = sessions
    .filter(({ user }) => name === undefined || user === name)
    .map(({ id, user, address, begunAt, usedAt }) => [id, user, address, utcOf(begunAt), utcOf(usedAt)])
  const table = tableOf(['SESSION', 'USER', 'FROM', 'BEGUN', 'USED'], rows)
  return complete ? table : `${table}and more, which were used longer ago\n`
}

/** All personal tokens, or those of one user; nobody can read a token itself again. */
export function tokensTable({ tokens, complete }: PersonalTokensAnswer, name: string | undefined): string {
  const rows = tokens
    .filter(({ user }) => name === undefined || user === name)
    .map(token => [
      ...[token.id, token.user, token.name, token.scopes.join(', '), utcOf(token.expiresAt)],
      lastUseOf(token),
      token.waitsForLogIn ? 'waits until its user logs in' : ''
    ])
  const table = tableOf(['TOKEN', 'USER', 'FOR', 'SCOPES', 'ENDS', 'USED', ''], rows)
  return complete ? table : `${table}and more, which were made longer ago\n`
}

const lastUseOf = ({ usedAt, usedFrom }: PersonalTokenAnswer): string =>
  usedAt === undefined ? 'never' : `${utcOf(usedAt)} from ${usedFrom ?? 'unknown'}`
