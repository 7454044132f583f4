import type { UserAnswer, UserChangesBody } from '@meridian/protocol/http'
import { USER_LIMITS } from '@meridian/protocol/http'
import { useState } from 'preact/hooks'
import { NewPasswordField } from '../session/new-password-field.tsx'
import { RefusalText } from '../session/refusal-text.tsx'
import { changeUser, removeUser } from '../session/session-routes.ts'
import { fieldOf, useSending } from '../session/use-sending.ts'
import { RoleChoice, rolesIn } from './role-choice.tsx'
import type { UserRowsProps } from './user-list.tsx'

function NameAndRoles({ user, roles }: Pick<UserRowsProps, 'user' | 'roles'>) {
  return (
    <>
      <label>
        Full name
        <input
          name="fullName"
          autocomplete="off"
          defaultValue={user.fullName}
          maxLength={USER_LIMITS.fullName}
        />
      </label>
      <RoleChoice roles={roles} chosen={user.roles} />
    </>
  )
}

/** Changes one user, or removes him. What is shown is what the api has; what somebody else changed meanwhile is refused. */
export function UserForm({ user, roles, isMe, onChanged, onRemoved, onOutdated }: UserRowsProps) {
  const { error, isBusy, send } = useSending()
  const [isSure, setSure] = useState(false)
  // The version that was open; after a refusal the one that the row above shows by then.
  const [seen, setSeen] = useState<number | undefined>(user.version)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const changes = changesIn(form, user, seen ?? user.version)
    const isDone = await send(async () => {
      const changed = await changeUser(user.name, changes)
      setSeen(changed.version)
      onChanged(changed)
    })
    if (isDone) return clearPassword(form)
    setSeen(undefined)
    onOutdated()
  }
  const remove = async (): Promise<void> => {
    if (!isSure) setSure(true)
    else if (await send(() => removeUser(user.name))) onRemoved(user)
    else setSure(false)
  }
  return (
    <form class="user-form" aria-label={`Change ${user.name}`} onSubmit={event => void submit(event)}>
      {user.ofProvider ? (
        <p class="quiet-text">
          The provider says his name and roles: change them there. Disable him to keep him out; who is only
          deleted comes back with his next log-in.
        </p>
      ) : (
        <NameAndRoles user={user} roles={roles} />
      )}
      <label class="check">
        <input type="checkbox" name="disabled" defaultChecked={user.disabled} /> Disabled: may not log in, and
        is logged out at once
      </label>
      {!user.ofProvider && <NewPasswordField label="New password" isOptional />}
      {isMe && <p class="quiet-text">This is your own user: what you change holds for this page at once.</p>}
      <RefusalText error={error} />
      <div class="user-buttons">
        <button type="submit" class="primary">
          {isBusy ? 'Sending…' : `Save ${user.name}`}
        </button>
        <button type="button" class="danger" onClick={() => void remove()}>
          {isSure ? `Yes, delete ${user.name} for good` : `Delete ${user.name}…`}
        </button>
        {isSure && (
          <button type="button" onClick={() => setSure(false)}>
            Keep
          </button>
        )}
      </div>
    </form>
  )
}

function clearPassword(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLInputElement>('[name=password]')
  if (field !== null) field.value = ''
}

function changesIn(form: HTMLFormElement, user: UserAnswer, version: number): UserChangesBody {
  const disabled = new FormData(form).has('disabled')
  if (user.ofProvider) return { version, disabled }
  const [fullName, password] = [fieldOf(form, 'fullName'), fieldOf(form, 'password')]
  const roles = rolesIn(form)
  // Roles that are named end the user's access tokens.
  return {
    version,
    ...(disabled !== user.disabled && { disabled }),
    ...(fullName !== user.fullName && { fullName }),
    ...(!isSameSet(roles, user.roles) && { roles }),
    ...(password !== '' && { password })
  }
}

const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every(item => other.includes(item))
