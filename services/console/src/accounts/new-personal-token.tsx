import { type MeAnswer, PERSONAL_TOKEN_LIMITS, type TokenScope } from '@meridian/protocol/http'
import { useState } from 'preact/hooks'
import { readsOf, rolesOf } from '../session/reading.ts'
import { RefusalText } from '../session/refusal-text.tsx'
import { makePersonalToken } from '../session/session-routes.ts'
import { fieldOf, useSending } from '../session/use-sending.ts'
import { useShell } from '../shell.ts'

const { name: nameLength, days } = PERSONAL_TOKEN_LIMITS

/** What each scope lets a program do. */
const MEANINGS: Readonly<Record<TokenScope, string>> = {
  read: 'read what you may read',
  command: 'send the commands that you may send'
}

/** Whether the roles of whoever is logged in allow anything of a scope: a token with another is refused. */
const allowsAny = (me: MeAnswer, scope: TokenScope): boolean =>
  scope === 'read' ? readsOf(me).length > 0 : rolesOf(me).some(({ command }) => command.length > 0)

interface NewPersonalTokenProps {
  readonly scopes: readonly TokenScope[]
  readonly onMade: () => void
}

/** Makes a token and shows it, once: it is gone with the next one, and with the page. */
export function NewPersonalToken({ scopes, onMade }: NewPersonalTokenProps) {
  const { error, isBusy, send } = useSending()
  const me = useShell().me.value
  const isOfUse = (scope: TokenScope): boolean => me === undefined || allowsAny(me, scope)
  const [made, setMade] = useState('')
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const chosen = new FormData(form).getAll('scopes')
    const body = {
      name: fieldOf(form, 'tokenName'),
      scopes: scopes.filter(scope => chosen.includes(scope)),
      days: Number(fieldOf(form, 'days'))
    }
    setMade('')
    const isDone = await send(async () => setMade((await makePersonalToken(body)).token))
    if (!isDone) return
    form.reset()
    onMade()
  }
  return (
    <>
      <form class="user-form" aria-labelledby="new-token-title" onSubmit={event => void submit(event)}>
        <h3 id="new-token-title">New token for a program</h3>
        <label>
          What it is for
          <input name="tokenName" autocomplete="off" maxLength={nameLength} required />
        </label>
        <fieldset>
          <legend>It may</legend>
          {scopes.map(scope => (
            <label class="check" key={scope}>
              <input
                type="checkbox"
                name="scopes"
                value={scope}
                defaultChecked={scope === 'read'}
                disabled={!isOfUse(scope)}
              />{' '}
              {scope}: {isOfUse(scope) ? MEANINGS[scope] : 'your roles allow none'}
            </label>
          ))}
        </fieldset>
        <label>
          Days until it ends
          <input name="days" type="number" min={1} max={days.most} defaultValue={`${days.usual}`} required />
        </label>
        <RefusalText error={error} />
        <div class="user-buttons">
          <button type="submit" class="primary">
            {isBusy ? 'Making…' : 'Make the token'}
          </button>
        </div>
      </form>
      {/* Not in the form, whose reset would empty it. */}
      <div role="status">{made !== '' && <MadeToken text={made} />}</div>
    </>
  )
}

function MadeToken({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no')
  // A page without HTTPS has no clipboard.
  const copy = (): void => {
    Promise.resolve(navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))).then(
      () => setCopied('yes'),
      () => setCopied('failed')
    )
  }
  return (
    <div class="made-token">
      <p>Copy the token now: it is not shown again.</p>
      <input
        readOnly
        value={text}
        aria-label="The new token"
        onFocus={event => event.currentTarget.select()}
      />
      <button type="button" onClick={copy}>
        {copied === 'yes' ? 'Copied' : 'Copy'}
      </button>
      {copied === 'failed' && <p>The browser does not let this page copy: select the token and copy it.</p>}
    </div>
  )
}
