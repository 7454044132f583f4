import type { MeAnswer, UserAnswer } from '@meridian/protocol/http'
import { useState } from 'preact/hooks'
import { PanelFrame } from '../panel.tsx'
import { RefusalText } from '../session/refusal-text.tsx'
import { readUsers } from '../session/session-routes.ts'
import { momentText } from './moment-text.ts'
import { NewUserForm } from './new-user-form.tsx'
import { type Told, usersOf, withTold } from './told-users.ts'
import { UnreadableUsers } from './unreadable-users.tsx'
import { useAnswer } from './use-answer.ts'
import { UserForm } from './user-form.tsx'

/** All users as the api has them; one at a time is open to be changed. */
export function UserList({ me }: { readonly me: MeAnswer }) {
  const { answer, answeredMs, error, again } = useAnswer(readUsers)
  const [told, setTold] = useState<Told>(new Map())
  const [open, setOpen] = useState<string | undefined>(undefined)
  const users = answer && usersOf(answer.users, told, answeredMs)
  const roles = Object.keys(me.siteRoles)
  const onChanged = (user: UserAnswer): void => {
    setTold(before => withTold(before, user.name, { atMs: performance.now(), user }))
    again()
  }
  const onRemoved = (user: UserAnswer): void => {
    setTold(before => withTold(before, user.name, { atMs: performance.now(), user: undefined }))
    setOpen(undefined)
    again()
  }
  return (
    <PanelFrame panel={{ name: 'user-list', title: 'Users' }} note={users?.length}>
      <RefusalText error={error} />
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Full name</th>
            <th scope="col">Roles</th>
            <th scope="col">State</th>
            <th scope="col">Changed last, UTC</th>
            <th scope="col">
              <span class="hidden-visually">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {users?.map(user => (
            <UserRows
              key={user.name}
              {...{ user, roles, onChanged, onRemoved }}
              mode={me.mode}
              isMe={user.name === me.name}
              isOpen={user.name === open}
              onToggle={() => setOpen(user.name === open ? undefined : user.name)}
              onOutdated={again}
            />
          ))}
        </tbody>
      </table>
      <UnreadableUsers records={answer?.unreadable ?? []} onRemoved={again} />
      {answer === undefined && error === undefined && <p class="calm">Asking the api…</p>}
      {me.mode === 'oidc' ? (
        <p class="calm">
          Who logs in for the first time is a user from then on; the provider says his name and roles.
        </p>
      ) : (
        <NewUserForm roles={roles} onMade={onChanged} />
      )}
    </PanelFrame>
  )
}

/** What one user's rows are drawn from, and whom they tell. */
export interface UserRowsProps {
  readonly user: UserAnswer
  readonly roles: readonly string[]
  readonly mode: MeAnswer['mode']
  readonly isMe: boolean
  readonly isOpen: boolean
  readonly onToggle: () => void
  readonly onChanged: (user: UserAnswer) => void
  readonly onRemoved: (user: UserAnswer) => void
  /** What is shown is not what the api has. */
  readonly onOutdated: () => void
}

function UserState({ user, mode }: Pick<UserRowsProps, 'user' | 'mode'>) {
  if (user.disabled) return <strong class="user-disabled">DISABLED</strong>
  const isOfProvider = user.ofProvider === true
  if (isOfProvider === (mode === 'oidc')) return <>may log in</>
  return <>may not log in now: {isOfProvider ? 'is of a provider' : 'has a password'}</>
}

function UserRows(props: UserRowsProps) {
  const { user, mode, isMe, isOpen, onToggle } = props
  return (
    <>
      <tr>
        <th scope="row">
          {user.name} {isMe && <span class="quiet-text">(you)</span>}
        </th>
        <td>{user.fullName}</td>
        <td>{user.roles.join(', ') || 'none'}</td>
        <td>
          <UserState user={user} mode={mode} />
        </td>
        <td>
          {momentText(user.changedAt)} <span class="quiet-text">by {user.changedBy}</span>
        </td>
        <td>
          <button type="button" aria-expanded={isOpen} aria-label={`Change ${user.name}`} onClick={onToggle}>
            {isOpen ? 'Close' : 'Change'}
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={6}>
            <UserForm {...props} />
          </td>
        </tr>
      )}
    </>
  )
}
