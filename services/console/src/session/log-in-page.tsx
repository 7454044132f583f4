import type { WireError } from '@meridian/errors'
import type { LogInWayAnswer } from '@meridian/protocol/http'
import { useEffect, useState } from 'preact/hooks'
import { askUntilAnswered } from '../ask-until-answered.ts'
import { switchTheme, theme } from '../theme.ts'
import { FirstUserForm } from './first-user-form.tsx'
import { ProviderLogIn } from './provider-log-in.tsx'
import { RefusalText, refusalWords, useWait } from './refusal-text.tsx'
import { logIn, ONE_LOGS_IN, readFirstWanted, readLogInWay } from './session-routes.ts'
import { useFocus } from './use-focus.ts'
import { fieldOf, useSending } from './use-sending.ts'

/** Why the log-in is shown, and what follows it. */
export interface LogInProps {
  /** Why whoever was here is logged in no more; undefined for somebody who comes. */
  readonly reason: WireError | undefined
  readonly onDone: () => void
}

function LogInForm({ onDone }: Pick<LogInProps, 'onDone'>) {
  const { isBusy, error, send } = useSending()
  const first = useFocus()
  const wait = useWait(error)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    if (wait > 0) return
    const isDone = await send(() => logIn(fieldOf(form, 'username'), fieldOf(form, 'password')))
    if (isDone) onDone()
    else form.querySelector<HTMLInputElement>('[name=password]')?.select()
  }
  return (
    <form class="sheet-form" method="post" onSubmit={event => void submit(event)}>
      <label>
        Name
        <input
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          ref={first}
        />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <RefusalText error={error} wait={wait} />
      <button type="submit" class="primary" disabled={wait > 0}>
        {isBusy ? 'Logging in…' : 'Log in'}
      </button>
    </form>
  )
}

/** While the api does not answer; it names the site as well. */
const BY_PASSWORD: LogInWayAnswer = { site: '', mode: 'local' }

/** How one logs in here; undefined until the api has said. While it does not answer, the form is there. */
function useLogInWay(): LogInWayAnswer | undefined {
  const [way, setWay] = useState<LogInWayAnswer | undefined>(undefined)
  useEffect(
    () =>
      askUntilAnswered({
        ask: readLogInWay,
        onAnswer: setWay,
        onFailure: () => setWay(known => known ?? BY_PASSWORD)
      }),
    []
  )
  return way
}

/** The one page for whoever is not logged in. Beside its name it asks for nothing of the site, and shows nothing of it. */
export function LogInPage({ reason, onDone }: LogInProps) {
  const way = useLogInWay()
  const [{ wanted, others }, setFirst] = useState(ONE_LOGS_IN)
  /** Nothing else can be done. */
  const isFirst = wanted && !others
  useEffect(() => {
    document.title = way?.site ? `Meridian ${way.site}: log in` : 'Meridian: log in'
  }, [way])
  useEffect(() => {
    if (way?.mode === 'local') void readFirstWanted().then(setFirst)
  }, [way])
  return (
    <div class="log-in-page">
      <main class="panel sheet" aria-labelledby="log-in-title">
        <p class="brand">
          Meridian <span class="brand-site">{way?.site}</span>
        </p>
        <h1 id="log-in-title">{isFirst ? 'Make the first administrator' : 'Log in'}</h1>
        {reason !== undefined && !isFirst && (
          <p class="log-in-reason" role="status">
            {refusalWords(reason)} <code>{reason.code}</code>
          </p>
        )}
        {way?.mode === 'oidc' && <ProviderLogIn way={way} />}
        {way?.mode === 'local' && !isFirst && <LogInForm onDone={onDone} />}
        {way?.mode === 'local' && isFirst && <FirstUserForm hasOthers={false} onDone={onDone} />}
        {way?.mode === 'local' && wanted && others && (
          <details>
            <summary>Make the first administrator</summary>
            <FirstUserForm hasOthers onDone={onDone} />
          </details>
        )}
      </main>
      <button type="button" class="quiet" onClick={switchTheme}>
        {theme.value === 'dark' ? 'Light' : 'Dark'} theme
      </button>
    </div>
  )
}
