import type { MeAnswer } from '@meridian/protocol/http'
import { useEffect } from 'preact/hooks'
import { AuditPage } from '../audit/audit-page.tsx'
import { mayManageUsers } from '../may-manage-users.ts'
import { AUDIT_HREF } from '../route.ts'
import { useShell } from '../shell.ts'
import { OwnPassword } from './own-password.tsx'
import { PersonalTokens } from './personal-tokens.tsx'
import { SessionList } from './session-list.tsx'
import { UserList } from './user-list.tsx'

const TITLES = { users: 'Users', account: 'Password, sessions and tokens', audit: 'Audit' } as const

/** The pages that are about people. */
export type AccountPage = keyof typeof TITLES

/** In mode oidc nobody has a password here. */
const titleOf = (page: AccountPage, mode: MeAnswer['mode'] | undefined): string =>
  page === 'account' && mode === 'oidc' ? 'Sessions and tokens' : TITLES[page]

/** The pages of users and of the audit, for whoever may manage users, and the own page of whoever is logged in. */
export function Accounts({ page }: { readonly page: AccountPage }) {
  const me = useShell().me.value
  const title = titleOf(page, me?.mode)
  useEffect(() => {
    document.title = `Meridian: ${title.toLowerCase()}`
  }, [title])
  if (me === undefined)
    return <p class="accounts-note">The api does not say who is logged in. It is asked again.</p>
  if (page === 'audit') return <AuditPage me={me} />
  if (me.mode === 'open') return <p class="accounts-note">Nobody logs in here, so there are no users.</p>
  if (page === 'account')
    return (
      <div class="accounts">
        <h1>{title}</h1>
        {me.mode === 'local' && <OwnPassword name={me.name} roles={me.roles} />}
        <SessionList title="Own sessions" isShown={({ user }) => user === me.name} />
        <PersonalTokens title="Own tokens for programs" isShown={({ user }) => user === me.name} canMake />
      </div>
    )
  if (!mayManageUsers(me))
    return (
      <p class="accounts-note">
        No role of {me.name} may manage users ({me.roles.join(', ') || 'no role'}).
      </p>
    )
  return (
    <div class="accounts">
      <h1>{title}</h1>
      <p class="accounts-note">
        Who did what, and what was refused, is in the <a href={AUDIT_HREF}>audit</a>.
      </p>
      <UserList me={me} />
      <SessionList title="Sessions of all" isShown={() => true} />
      <PersonalTokens title="Tokens for programs of all" isShown={() => true} canMake={false} />
    </div>
  )
}
