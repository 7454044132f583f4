import { printable } from '@meridian/errors'

/** What `pnpm audit --json` came to. */
export type AuditOutcome =
  /** The registry offers no advisories, or was not reached: nothing is known. */
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'read'; readonly packages: number; readonly advisories: readonly Advisory[] }

/** A published fault of a package that the lockfile names. */
export interface Advisory {
  readonly severity: string
  /** Name and versions, as installed. */
  readonly what: string
  readonly title: string
  readonly url: string
  /** Whether it is in what runs, and not only in what builds and tests. */
  readonly isShipped: boolean
}

interface Report {
  readonly advisories: Readonly<
    Record<
      string,
      {
        readonly module_name: string
        readonly severity: string
        readonly title: string
        readonly url: string
        readonly findings: readonly { readonly version: string; readonly dev: boolean }[]
      }
    >
  >
  readonly metadata: { readonly totalDependencies: number }
}

/** Reads the two outputs of the command, whatever the registry wrote there without its control characters; it ends with 1 for what it found as well as where it could not ask. */
export function readAdvisories(out: string, err: string): AuditOutcome {
  const report = reportIn(out)
  if (report === undefined) return { kind: 'skipped', reason: reasonIn(err || out) }
  const advisories = Object.values(report.advisories).map(
    ({ module_name: name, severity, title, url, findings }): Advisory => ({
      severity: printable(severity),
      title: printable(title),
      url: printable(url),
      what: printable(`${name} ${findings.map(({ version }) => version).join(', ')}`),
      isShipped: findings.some(({ dev }) => !dev)
    })
  )
  return { kind: 'read', packages: report.metadata.totalDependencies, advisories }
}

function reportIn(text: string): Report | undefined {
  try {
    const value = JSON.parse(text)
    return typeof value.advisories === 'object' && typeof value.metadata === 'object' ? value : undefined
  } catch {
    return undefined
  }
}

/** In one line, without the frames that pnpm draws around it. */
const reasonIn = (text: string): string =>
  printable(text.replaceAll(/[│×]/g, ' ').replaceAll(/\s+/g, ' ')).trim().slice(0, 300) || 'it said nothing'
