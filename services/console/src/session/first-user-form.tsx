import { USER_LIMITS } from '@meridian/protocol/http'
import { useState } from 'preact/hooks'
import { NewPasswordField } from './new-password-field.tsx'
import { RefusalText } from './refusal-text.tsx'
import { logIn, makeFirst } from './session-routes.ts'
import { useFocus } from './use-focus.ts'
import { fieldOf, useSending } from './use-sending.ts'

interface FirstUserFormProps {
  /** Whether there are users, of whom none may manage users. */
  readonly hasOthers: boolean
  readonly onDone: () => void
}

/** Makes the first administrator of a site with the token that an api has logged, and logs him in. */
export function FirstUserForm({ hasOthers, onDone }: FirstUserFormProps) {
  const { isBusy, error, send } = useSending()
  const first = useFocus()
  const [isMade, setMade] = useState(false)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const [name, password] = [fieldOf(form, 'username'), fieldOf(form, 'password')]
    const isDone = await send(async () => {
      // A log-in that failed is tried again without making him once more.
      if (!isMade)
        await makeFirst({
          token: fieldOf(form, 'token').trim(),
          name,
          password,
          fullName: fieldOf(form, 'fullName')
        })
      setMade(true)
      await logIn(name, password)
    })
    if (isDone) onDone()
  }
  return (
    <form class="sheet-form" method="post" onSubmit={event => void submit(event)}>
      <p>
        {hasOthers ? 'Nobody here may manage users.' : 'This site has no users yet.'} When the api started it
        logged a token for this page, with level warn; <code>npm start -- --users</code> prints it. It is good
        for 24 hours, and once.
      </p>
      <label>
        Token
        <input name="token" autocomplete="off" spellcheck={false} required ref={first} />
      </label>
      <label>
        Name to log in with
        <input name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required />
      </label>
      <label>
        Full name
        <input name="fullName" autocomplete="name" maxLength={USER_LIMITS.fullName} />
      </label>
      <NewPasswordField label="Password" />
      <RefusalText error={error} />
      <button type="submit" class="primary">
        {isBusy ? 'Making…' : 'Make the administrator and log in'}
      </button>
    </form>
  )
}
