import type { ListedStream } from '@meridian/broker'
import { everythingBelow, splitPattern } from '@meridian/subjects'

/** The sites whose telemetry the streams of a broker hold. */
export function sitesOf(streams: readonly ListedStream[]): readonly string[] {
  const patterns = streams.flatMap(({ subjects }) => subjects).map(splitPattern)
  const sites = patterns.filter(({ tokens }) => tokens[0] === TELEMETRY).map(({ tokens }) => tokens[1] ?? '*')
  return [...new Set(sites)].filter(site => site !== '*')
}

const [TELEMETRY] = splitPattern(everythingBelow('tel', {})).tokens

/** For a person: the sites, as in `site summit`. */
export function describeSites(streams: readonly ListedStream[]): string {
  const sites = sitesOf(streams)
  if (sites.length === 0) return 'no streams of Meridian'
  return `site${sites.length === 1 ? '' : 's'} ${sites.join(', ')}`
}

/** For a person: each stream, and how much it holds. */
export const describeStreams = (streams: readonly ListedStream[]): string =>
  streams.map(({ name, messages }) => `${name} (${messages} messages)`).join(', ')
