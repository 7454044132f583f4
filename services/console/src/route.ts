import { type ReadonlySignal, signal } from '@preact/signals'

/** Which page is shown; kept in the address, so that a link leads there. */
export type Route =
  | { readonly kind: 'overview' }
  | { readonly kind: 'instance'; readonly csc: string; readonly index: number }

/** The route of a hash such as `#/MTMount:0`; whatever else is the overview. */
export function routeOf(hash: string): Route {
  const match = /^#\/([A-Za-z0-9_-]+):(\d+)$/.exec(hash)
  if (match === null) return { kind: 'overview' }
  return { kind: 'instance', csc: match[1] as string, index: Number(match[2]) }
}

/** The address of an instance's page. */
export const instanceHref = (csc: string, index: number): string => `#/${csc}:${index}`

/** The route of the address bar as a signal. */
export function watchRoute(): ReadonlySignal<Route> {
  const route = signal(routeOf(location.hash))
  addEventListener('hashchange', () => {
    route.value = routeOf(location.hash)
  })
  return route
}
