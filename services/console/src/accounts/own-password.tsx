import { PanelFrame } from '../panel.tsx'
import { NewPasswordField } from '../session/new-password-field.tsx'
import { RefusalText, useWait } from '../session/refusal-text.tsx'
import { changePassword } from '../session/session-routes.ts'
import { fieldOf, useSending } from '../session/use-sending.ts'
import { useShell } from '../shell.ts'

const CHANGED = {
  code: 'AUT_SESSION_ENDED',
  message: 'AUT_SESSION_ENDED: session has ended: password was changed, log in with the new one',
  canRetry: false
} as const

/** Changes the own password, after which one logs in anew, everywhere. */
export function OwnPassword({ name, roles }: { readonly name: string; readonly roles: readonly string[] }) {
  const { session } = useShell()
  const { error, isBusy, send } = useSending()
  const wait = useWait(error)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const body = { old: fieldOf(form, 'old'), new: fieldOf(form, 'password') }
    await send(() => session.leaveBy(() => changePassword(body), CHANGED))
  }
  return (
    <PanelFrame panel={{ name: 'own-password', title: 'Password' }}>
      <form class="sheet-form" method="post" onSubmit={event => void submit(event)}>
        <p>
          Logged in as <strong>{name}</strong> with {roles.length === 1 ? 'the role' : 'the roles'}{' '}
          {roles.join(', ') || 'none'}. A new password ends all own sessions, this one too: log in with it
          then.
        </p>
        <input type="text" name="username" autocomplete="username" value={name} readOnly hidden />
        <label>
          Present password
          <input name="old" type="password" autocomplete="current-password" required />
        </label>
        <NewPasswordField label="New password" />
        <RefusalText error={error} wait={wait} />
        <button type="submit" class="primary" disabled={wait > 0}>
          {isBusy ? 'Changing…' : 'Change the password'}
        </button>
      </form>
    </PanelFrame>
  )
}
