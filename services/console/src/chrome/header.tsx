import { useShell } from '../shell.ts'
import { switchTheme, theme } from '../theme.ts'
import { Clocks } from './clocks.tsx'
import { LinkState } from './link-state.tsx'

/** Always there: where we are, what time it is, and whether the page can be trusted. */
export function Header() {
  const { link } = useShell()
  return (
    <header class="header">
      <a class="brand" href="#/">
        Meridian <span class="brand-site">{link.status.value.site ?? '…'}</span>
      </a>
      <Clocks />
      <LinkState />
      <button type="button" class="quiet" onClick={switchTheme}>
        {theme.value === 'dark' ? 'Light' : 'Dark'} theme
      </button>
    </header>
  )
}
