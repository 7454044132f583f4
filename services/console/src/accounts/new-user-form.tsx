import type { UserAnswer } from '@meridian/protocol/http'
import { USER_LIMITS } from '@meridian/protocol/http'
import { NewPasswordField } from '../session/new-password-field.tsx'
import { RefusalText } from '../session/refusal-text.tsx'
import { makeUser } from '../session/session-routes.ts'
import { fieldOf, useSending } from '../session/use-sending.ts'
import { RoleChoice, rolesIn } from './role-choice.tsx'

interface NewUserProps {
  readonly roles: readonly string[]
  readonly onMade: (user: UserAnswer) => void
}

/** The form by which a user is made: name, roles and, without a provider, a first password. */
export function NewUserForm({ roles, onMade }: NewUserProps) {
  const { error, isBusy, send } = useSending()
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const [name, fullName, password] = ['username', 'fullName', 'password'].map(field => fieldOf(form, field))
    const body = {
      name: name ?? '',
      fullName: fullName ?? '',
      password: password ?? '',
      roles: rolesIn(form)
    }
    if (await send(async () => onMade(await makeUser(body)))) form.reset()
  }
  return (
    <form class="user-form" aria-labelledby="new-user-title" onSubmit={event => void submit(event)}>
      <h3 id="new-user-title">New user</h3>
      <label>
        Name to log in with
        <input name="username" autocomplete="off" autocapitalize="none" spellcheck={false} required />
      </label>
      <label>
        Full name
        <input name="fullName" autocomplete="off" maxLength={USER_LIMITS.fullName} />
      </label>
      <RoleChoice roles={roles} chosen={[]} />
      <NewPasswordField label="Password" />
      <RefusalText error={error} />
      <div class="user-buttons">
        <button type="submit" class="primary">
          {isBusy ? 'Making…' : 'Make the user'}
        </button>
      </div>
    </form>
  )
}
