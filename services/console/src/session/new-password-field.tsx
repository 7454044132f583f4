import { USER_LIMITS } from '@meridian/protocol/http'
import { useState } from 'preact/hooks'

/** A field for a password that is made here: it can be looked at, so it is not typed twice. */
export function NewPasswordField({
  label,
  isOptional = false
}: {
  readonly label: string
  readonly isOptional?: boolean
}) {
  const [isShown, setShown] = useState(false)
  const { least, most } = USER_LIMITS.password
  return (
    <>
      <label>
        {label}
        <input
          name="password"
          {...typeOf(isShown)}
          autocomplete="new-password"
          spellcheck={false}
          required={!isOptional}
          minLength={least}
          maxLength={most}
        />
        <span class="quiet-text">
          {least} characters or more{isOptional && '; empty: it stays'}
        </span>
      </label>
      <label class="check">
        <input type="checkbox" checked={isShown} onChange={event => setShown(event.currentTarget.checked)} />{' '}
        Show it
      </label>
    </>
  )
}

// Each on its own: the types of a password field and of a text differ in what else they may have.
const typeOf = (isShown: boolean) => (isShown ? ({ type: 'text' } as const) : ({ type: 'password' } as const))
