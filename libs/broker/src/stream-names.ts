import { type StreamName, streamNames } from '@meridian/subjects'

/** Under which name a site's broker keeps each stream. */
export type StreamNames = Readonly<Record<StreamName, string>>

/** Where a process runs, and whose streams it reads. */
export interface StreamsOf {
  /** The site whose broker the process is connected to. */
  readonly site: string
  /** The site that the streams come from; default: the same. */
  readonly origin?: string
}

/**
 * A site keeps its own streams under their plain names, and mirrors of another site's as `TEL_<origin>`.
 * Given to `connectBroker`, everything that reads by that connection asks for `TEL` and is answered by the
 * mirror; messages and cursors say `TEL` at both sites.
 */
export const streamNamesOf = ({ site, origin = site }: StreamsOf): StreamNames =>
  Object.fromEntries(
    streamNames.map(name => [name, origin === site ? name : mirrorNameOf(name, origin)])
  ) as StreamNames

/** The name of the mirror of another site's stream. */
export const mirrorNameOf = (stream: StreamName, origin: string): string => `${stream}_${origin}`
