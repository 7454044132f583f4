import { type PersonalTokenAnswer, TOKEN_SCOPES } from '@meridian/protocol/http'
import { useState } from 'preact/hooks'
import { PanelFrame } from '../panel.tsx'
import { RefusalText } from '../session/refusal-text.tsx'
import { readPersonalTokens, revokePersonalToken } from '../session/session-routes.ts'
import { useSending } from '../session/use-sending.ts'
import { momentText } from './moment-text.ts'
import { NewPersonalToken } from './new-personal-token.tsx'
import { useAnswer } from './use-answer.ts'

interface PersonalTokensProps {
  readonly title: string
  readonly isShown: (token: PersonalTokenAnswer) => boolean
  /** Whether one can be made here: for oneself alone. */
  readonly canMake: boolean
}

/** Tokens of programs, the newest first, each with a way to revoke it. */
export function PersonalTokens({ title, isShown, canMake }: PersonalTokensProps) {
  const { answer, error, again } = useAnswer(readPersonalTokens)
  const [revoked, setRevoked] = useState<ReadonlySet<string>>(new Set())
  // The api's list is a moment late: what was revoked stays away.
  const shown = answer?.tokens.filter(token => isShown(token) && !revoked.has(token.id))
  const onRevoked = (id: string): void => {
    setRevoked(before => new Set([...before, id]))
    again()
  }
  return (
    <PanelFrame panel={{ name: 'personal-tokens', title }} note={shown?.length}>
      <RefusalText error={error} />
      {answer?.complete === false && <p class="calm">There are more than {answer.tokens.length}.</p>}
      <table>
        <thead>
          <tr>
            <th scope="col">For</th>
            <th scope="col">User</th>
            <th scope="col">May</th>
            <th scope="col">Made, UTC</th>
            <th scope="col">Used, UTC, to the hour</th>
            <th scope="col">Ends, UTC</th>
            <th scope="col">
              <span class="hidden-visually">Revoke it</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown?.map(token => (
            <TokenRow key={token.id} token={token} onRevoked={() => onRevoked(token.id)} />
          ))}
        </tbody>
      </table>
      {answer === undefined && error === undefined && <p class="calm">Asking the api…</p>}
      {canMake && <NewPersonalToken scopes={TOKEN_SCOPES} onMade={again} />}
    </PanelFrame>
  )
}

interface TokenRowProps {
  readonly token: PersonalTokenAnswer
  readonly onRevoked: () => void
}

function TokenRow({ token, onRevoked }: TokenRowProps) {
  const { error, isBusy, send } = useSending()
  const { id, user, name, scopes, madeAt, usedAt, usedFrom, expiresAt, waitsForLogIn } = token
  const revoke = async (): Promise<void> => {
    if (await send(() => revokePersonalToken(id))) onRevoked()
  }
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{user}</td>
      <td>{scopes.join(', ')}</td>
      <td>{momentText(madeAt)}</td>
      <td>{usedAt === undefined ? 'never' : `${momentText(usedAt)} from ${usedFrom}`}</td>
      <td>
        {momentText(expiresAt)}
        {waitsForLogIn && <strong> not good until {user} logs in again</strong>}
      </td>
      <td>
        <button
          type="button"
          aria-label={`Revoke the token ${name} of ${user}`}
          onClick={() => void revoke()}
        >
          {isBusy ? 'Revoking…' : 'Revoke'}
        </button>
        <RefusalText error={error} />
      </td>
    </tr>
  )
}
