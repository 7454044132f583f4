/** What every access token of a site has in common [docs/adr/0016-who-may-do-what.md]. */
export const ALGORITHM = 'Ed25519'

/** The `typ` of the header, so that no other kind of token is taken for one. */
export const TOKEN_TYPE = 'at+jwt'

/** Seconds that an access token is good for: as long as somebody is let in by a pod that cannot hear of his end. */
export const TOKEN_LIFE_S = 300

/** Seconds by which clocks of pods may differ. */
export const CLOCK_SKEW_S = 30

/** Characters of an access token: 32 roles with long names fit. */
export const MOST_TOKEN_LENGTH = 4_096

/** Who signs the tokens of a site, and for whom they are. */
export const issuerOf = (site: string): string => `meridian/${site}`
