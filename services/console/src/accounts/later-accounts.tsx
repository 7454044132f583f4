import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { askUntilAnswered } from '../ask-until-answered.ts'
import type { AccountPage, Accounts } from './accounts.tsx'

/** The code of the pages of users, once it is there: few people open them, so nobody else loads it. */
const loaded = signal<typeof Accounts | undefined>(undefined)
let asked = false

function fetchAccounts(): void {
  if (asked) return
  asked = true
  askUntilAnswered({
    ask: () => import('./accounts.tsx'),
    onAnswer: ({ Accounts: page }) => {
      loaded.value = page
    }
  })
}

/** The page of users, of the audit, or the own page; a line in its place until its code has come. */
export function LaterAccounts({ page }: { readonly page: AccountPage }) {
  useEffect(fetchAccounts, [])
  const Page = loaded.value
  return Page === undefined ? <p>Loading…</p> : <Page page={page} />
}
