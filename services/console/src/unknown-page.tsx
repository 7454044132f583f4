import { useEffect } from 'preact/hooks'
import { Meant } from './meant.tsx'
import { OVERVIEW_HREF } from './route.ts'

/** Says that an address leads nowhere, and where it may have been meant to lead. */
export function UnknownPage({ address }: { readonly address: string }) {
  useEffect(() => {
    document.title = 'Meridian: no such page'
  }, [])
  return (
    <section class="panel unknown-page">
      <h1>No such page</h1>
      <p>
        <code>{address}</code> is the address of no component: they are written as <code>#/MTMount:0</code>.
      </p>
      <Meant address={address} />
      <p>
        <a href={OVERVIEW_HREF}>All components</a>
      </p>
    </section>
  )
}
