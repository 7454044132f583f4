import { signal } from '@preact/signals'
import { recall, remember } from './remembered.ts'

/** Dark for the night, light for the day. */
export type Theme = 'dark' | 'light'

const KEY = 'theme'

/** The theme now in use. Dark unless this browser chose otherwise. */
export const theme = signal<Theme>('dark')

function show(next: Theme): void {
  // First the page, then the signal: who hears of it reads colours from the style sheet at once.
  document.documentElement.dataset['theme'] = next
  theme.value = next
}

/** Takes the theme this browser chose before. */
export function restoreTheme(): void {
  show(recall('browser', KEY) === 'light' ? 'light' : 'dark')
}

/** Changes to the other theme and remembers it. */
export function switchTheme(): void {
  show(theme.peek() === 'dark' ? 'light' : 'dark')
  remember('browser', KEY, theme.peek())
}
