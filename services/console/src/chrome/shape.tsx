/**
 * Outlines on a 16 by 16 field. Each condition and severity has its own, so that colour is never the only
 * difference.
 */
const PATHS: Readonly<Record<string, string>> = {
  enabled: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z',
  disabled: 'M3 3h10v10H3Z',
  standby: 'M8 2 14.5 13.5h-13Z',
  fault: 'M8 .5 15.5 8 8 15.5.5 8ZM7 4v5h2V4Zm0 6v2h2v-2Z',
  silent: 'M3.2 1.5 8 6.3l4.8-4.8 1.7 1.7L9.7 8l4.8 4.8-1.7 1.7L8 9.7l-4.8 4.8-1.7-1.7L6.3 8 1.5 3.2Z',
  offline: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z',
  nodata: 'M2 7h12v2H2Z',
  unjudged:
    'M8 1.5a4.4 4.4 0 0 0-4.4 4.4h2.2a2.2 2.2 0 1 1 3.3 1.9C7.6 8.7 6.9 9.4 6.9 11h2.2c0-.7.2-.9 1.2-1.5A4.4 4.4 0 0 0 8 1.5ZM6.8 12.3h2.4v2.4H6.8Z',
  noaccess: 'M5 7V5a3 3 0 0 1 6 0v2h1.5v7h-9V7Zm1.8 0h2.4V5a1.2 1.2 0 0 0-2.4 0Z',
  ended: 'M8 1.5 14 5v6.5L8 15l-6-3.5V5Zm0 2.3L4 6.1v4.2l4 2.4 4-2.4V6.1ZM5 7.2h6v1.8H5Z',
  device: 'M8 1.5 14 5v6.5L8 15l-6-3.5V5Zm0 2.3L4 6.1v4.2l4 2.4 4-2.4V6.1Z',
  warning: 'M8 2 14.5 13.5h-13Z',
  serious: 'M3 3h10v10H3Z',
  critical: 'M8 .5 15.5 8 8 15.5.5 8ZM7 4v5h2V4Zm0 6v2h2v-2Z',
  info: 'M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z',
  debug: 'M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z',
  done: 'M6.3 13.5 1 8.2l1.9-1.9 3.4 3.4L13.1 3 15 4.9Z',
  going: 'M8 2a6 6 0 1 0 6 6h-2a4 4 0 1 1-4-4Z'
}

/** A small sign beside a text that says the same; screen readers hear the text only. */
export function Shape({ name }: { readonly name: string }) {
  return (
    <svg class={`shape shape-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name] ?? PATHS['nodata']} fill-rule="evenodd" />
    </svg>
  )
}
