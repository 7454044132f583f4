import { useShell } from '../shell.ts'
import { switchTheme, theme } from '../theme.ts'
import { Clocks } from './clocks.tsx'
import { ConnectionState } from './connection-state.tsx'

/** Always there: where we are, what time it is, and whether the page can be trusted. */
export function Header() {
  const { connection } = useShell()
  return (
    <header class="header">
      <a class="brand" href="#/">
        Meridian <span class="brand-site">{connection.status.value.site ?? '…'}</span>
      </a>
      <Clocks />
      <ConnectionState />
      <button type="button" class="quiet" onClick={switchTheme}>
        {theme.value === 'dark' ? 'Light' : 'Dark'} theme
      </button>
    </header>
  )
}
