import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { askUntilAnswered } from '../ask-until-answered.ts'
import type { InstancePage } from './instance-page.tsx'

interface LaterInstancePageProps {
  readonly csc: string
  readonly index: number
}

/** The code of the instance page, once it is there. */
const loaded = signal<typeof InstancePage | undefined>(undefined)
let asked = false

/**
 * Fetches the code of the instance page, with its plots, apart from that of the overview: at once where an
 * instance is opened, and in any case after the overview was drawn, so that it is there when a person needs
 * it. Asks until it comes.
 */
export function fetchInstancePage(): void {
  if (asked) return
  asked = true
  askUntilAnswered({
    ask: () => import('./instance-page.tsx'),
    onAnswer: ({ InstancePage: page }) => {
      loaded.value = page
    }
  })
}

/** The page of an instance; a line in its place until its code has come. */
export function LaterInstancePage(props: LaterInstancePageProps) {
  useEffect(fetchInstancePage, [])
  const Page = loaded.value
  return Page === undefined ? <p>Loading the page of {props.csc}…</p> : <Page {...props} />
}
