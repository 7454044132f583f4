import { instanceHref } from './route.ts'
import { useShell } from './shell.ts'

/** What is meant is a component whose name stands in the address, in whatever letters; so many are shown. */
const MOST_MEANT = 8

/** Links to the instances that an address such as `#/mtmount/0` may mean; nothing where there are none. */
export function Meant({ address }: { readonly address: string }) {
  const { fleet } = useShell()
  const words = address.toLowerCase().split(/[^a-z0-9_-]+/)
  const meant = fleet.instances.value.filter(({ csc }) => words.includes(csc.toLowerCase()))
  if (meant.length === 0) return null
  return (
    <div class="meant">
      <span class="quiet-text">Perhaps meant</span>
      <ul class="meant" aria-label="Perhaps meant">
        {meant.slice(0, MOST_MEANT).map(({ csc, index }) => (
          <li key={`${csc}:${index}`}>
            <a href={instanceHref(csc, index)}>
              {csc}:{index}
            </a>
          </li>
        ))}
      </ul>
    </div>
  )
}
