import { OVERVIEW_HREF } from '../route.ts'
import { useShell } from '../shell.ts'
import { switchTheme, theme } from '../theme.ts'
import { Clocks } from './clocks.tsx'
import { ConnectionState } from './connection-state.tsx'
import { WhoMenu } from './who-menu.tsx'

/** Says for as long as it is so that nobody proves who he is. */
function OpenMode({ roles }: { readonly roles: readonly string[] }) {
  const role = roles.join(', ')
  return (
    <span class="open-mode" title={`Nobody logs in here: whoever reaches this page has the role ${role}.`}>
      open mode: {role}
    </span>
  )
}

/** Always there: where we are, what time it is, and whether the page can be trusted. */
export function Header() {
  const { connection, me } = useShell()
  return (
    <header class="header">
      <div class="brand-block">
        <a class="brand" href={OVERVIEW_HREF}>
          Meridian <span class="brand-site">{connection.status.value.site ?? '…'}</span>
          {me.value?.mode === 'open' && <OpenMode roles={me.value.roles} />}
        </a>
        {me.value !== undefined && me.value.mode !== 'open' && <WhoMenu me={me.value} />}
      </div>
      <Clocks />
      <ConnectionState />
      <button type="button" class="quiet" onClick={switchTheme}>
        {theme.value === 'dark' ? 'Light' : 'Dark'} theme
      </button>
    </header>
  )
}
