import type { LogInWayAnswer } from '@meridian/protocol/http'
import { useEffect, useRef } from 'preact/hooks'
import { noteLogInBegun } from './other-tabs.ts'
import { RefusalText, useWait } from './refusal-text.tsx'
import { PROVIDER_LOG_OUT_HREF, providerLogInHref } from './session-routes.ts'

/** The way to the OpenID provider, and why the last log-in through it failed. */
export function ProviderLogIn({ way: { provider, refusal } }: { readonly way: LogInWayAnswer }) {
  const wait = useWait(refusal)
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => link.current?.focus(), [])
  const begin = (event: { readonly currentTarget: HTMLAnchorElement }): void => {
    // The page may be another one than when this was drawn: its address changes without it.
    event.currentTarget.href = providerLogInHref(location)
    noteLogInBegun()
  }
  return (
    <div class="sheet-form">
      <RefusalText error={refusal} wait={wait} />
      <a ref={link} class="primary" href={providerLogInHref(location)} onClick={begin}>
        Log in with {provider ?? 'the provider'}
      </a>
      {refusal?.canRetry === false && (
        <p class="quiet-text">
          <a href={PROVIDER_LOG_OUT_HREF}>Log out there</a>, to log in as somebody else.
        </p>
      )}
    </div>
  )
}
