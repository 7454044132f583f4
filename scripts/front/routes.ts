/** Where a path of the one origin goes. */
export interface Route {
  /** First segment of the path, with its slash; `/` is the rest. */
  readonly prefix: string
  /** Addresses `http://host:port`; several share the load. */
  readonly targets: readonly string[]
}

/** The route of a path: the longest prefix that ends at a segment. */
export function routeOf(routes: readonly Route[], path: string): Route | undefined {
  const fits = routes.filter(
    ({ prefix }) =>
      prefix === '/' ||
      path === prefix ||
      path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`) ||
      path.startsWith(`${prefix}?`)
  )
  return fits.sort((a, b) => b.prefix.length - a.prefix.length)[0]
}

/** The path of a request as a service reads it: without the query, escapes decoded. */
export function pathOf(url: string): string {
  const path = url.split(/[?#]/)[0] ?? ''
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

/** Reads routes from one line, `/live=http://a:1,http://b:2 /=http://c:3`. */
export function parseRoutes(line: string): readonly Route[] {
  return line
    .split(' ')
    .filter(text => text.includes('='))
    .map(text => {
      const [prefix = '/', targets = ''] = text.split('=')
      return { prefix, targets: targets.split(',') }
    })
}
