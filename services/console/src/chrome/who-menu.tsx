import type { MeAnswer } from '@meridian/protocol/http'
import { useRef } from 'preact/hooks'
import { mayManageUsers } from '../may-manage-users.ts'
import { ACCOUNT_HREF, AUDIT_HREF, USERS_HREF } from '../route.ts'
import { RefusalText } from '../session/refusal-text.tsx'
import { logOut } from '../session/session-routes.ts'
import { useSending } from '../session/use-sending.ts'
import { useShell } from '../shell.ts'

/** Who is logged in, with the ways to what is his, and out. */
export function WhoMenu({ me }: { readonly me: MeAnswer }) {
  const { session } = useShell()
  const { error, isBusy, send } = useSending()
  const menu = useRef<HTMLDetailsElement>(null)
  const close = (): void => menu.current?.removeAttribute('open')
  const isOfProvider = me.mode === 'oidc'
  const leave = (): Promise<boolean> => send(() => session.leaveBy(logOut))
  return (
    <details ref={menu} class="who">
      <summary title={`logged in as ${me.name} with ${me.roles.join(', ') || 'no role'}`}>
        <strong>{me.name}</strong> <span class="quiet-text">{me.roles.join(', ') || 'no role'}</span>
      </summary>
      <ul aria-label="Logged in">
        <li>
          <a href={ACCOUNT_HREF} onClick={close}>
            {isOfProvider ? 'Sessions and tokens' : 'Password, sessions and tokens'}
          </a>
        </li>
        {mayManageUsers(me) && (
          <>
            <li>
              <a href={USERS_HREF} onClick={close}>
                Users
              </a>
            </li>
            <li>
              <a href={AUDIT_HREF} onClick={close}>
                Audit
              </a>
            </li>
          </>
        )}
        <li>
          <button type="button" onClick={() => void leave()}>
            {isBusy ? 'Logging out…' : 'Log out'}
          </button>
          <RefusalText error={error} />
        </li>
      </ul>
    </details>
  )
}
