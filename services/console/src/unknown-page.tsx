import { useEffect } from 'preact/hooks'
import { instanceHref, OVERVIEW_HREF } from './route.ts'
import { useShell } from './shell.ts'

/** What is meant by an address is a component whose name stands in it, in whatever letters; so many are shown. */
const MOST_MEANT = 8

/** The instances that an address such as `#/mtmount/0` may mean. */
function useMeant(address: string): readonly { readonly csc: string; readonly index: number }[] {
  const { fleet } = useShell()
  const words = address.toLowerCase().split(/[^a-z0-9_-]+/)
  return fleet.instances.value.filter(({ csc }) => words.includes(csc.toLowerCase())).slice(0, MOST_MEANT)
}

/** Says that an address leads nowhere, and where it may have been meant to lead. */
export function UnknownPage({ address }: { readonly address: string }) {
  const meant = useMeant(address)
  useEffect(() => {
    document.title = 'Meridian: no such page'
  }, [])
  return (
    <section class="panel unknown-page">
      <h1>No such page</h1>
      <p>
        <code>{address}</code> is the address of no component: they are written as <code>#/MTMount:0</code>.
      </p>
      {meant.length > 0 && (
        <ul aria-label="Perhaps meant">
          {meant.map(({ csc, index }) => (
            <li key={`${csc}:${index}`}>
              <a href={instanceHref(csc, index)}>
                {csc}:{index}
              </a>
            </li>
          ))}
        </ul>
      )}
      <p>
        <a href={OVERVIEW_HREF}>All components</a>
      </p>
    </section>
  )
}
