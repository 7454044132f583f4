import type { UsersAnswer } from '@meridian/protocol/http'
import { useState } from 'preact/hooks'
import { RefusalText } from '../session/refusal-text.tsx'
import { removeUser } from '../session/session-routes.ts'
import { useSending } from '../session/use-sending.ts'

interface UnreadableUsersProps {
  readonly records: UsersAnswer['unreadable']
  readonly onRemoved: () => void
}

/** Users whose records the api cannot read, each to be removed; nothing where there are none. */
export function UnreadableUsers({ records, onRemoved }: UnreadableUsersProps) {
  if (records.length === 0) return null
  return (
    <section class="unreadable-users" aria-label="Users that cannot be read">
      <p>
        <strong>These users cannot be read:</strong> nobody logs in as one of them, and everybody else as
        ever. Remove them, and make them again.
      </p>
      <ul>
        {records.map(({ name, code }) => (
          <UnreadableUser key={name} {...{ name, code, onRemoved }} />
        ))}
      </ul>
    </section>
  )
}

interface UnreadableUserProps {
  readonly name: string
  readonly code: string
  readonly onRemoved: () => void
}

function UnreadableUser({ name, code, onRemoved }: UnreadableUserProps) {
  const { error, isBusy, send } = useSending()
  const [isRemoved, setRemoved] = useState(false)
  const remove = async (): Promise<void> => {
    if (!(await send(() => removeUser(name)))) return
    setRemoved(true)
    onRemoved()
  }
  if (isRemoved) return null
  return (
    <li>
      {name} <span class="quiet-text">{code}</span>{' '}
      <button type="button" class="danger" onClick={() => void remove()}>
        {isBusy ? 'Removing…' : `Remove ${name}`}
      </button>
      <RefusalText error={error} />
    </li>
  )
}
