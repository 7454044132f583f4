// Every time that this package waits, retries or keeps something for, in milliseconds. What a caller may set
// is a default here.

/**
 * An answer of JetStream's API; during an election it does not come at all, so asking again soon is better
 * than waiting.
 */
export const API_TIMEOUT_MS = 1_500
/** Creating, updating and purging a stream: the server may have much to write. */
export const STREAM_CHANGE_TIMEOUT_MS = 10_000
/** Between two tries of creating a stream that the server refuses for some milliseconds. */
export const STORE_BUSY_RETRY_MS = 5

/** The first connection, all tries together. */
export const CONNECT_TIMEOUT_MS = 10_000
export const CONNECT_RETRY_MS = 250
/** What one try of it has, however little is left. */
export const CONNECT_LEAST_MS = 50
export const RECONNECT_WAIT_MS = 250
export const RECONNECT_JITTER_MS = 500
/** A half-open connection is noticed after two of them. */
export const PING_INTERVAL_MS = 5_000
/** Clients of a server that is about to stop leave it spread over this time. */
export const LAME_DUCK_SPREAD_MS = 5_000

/** Retries: the first wait and the longest one. */
export const BACKOFF_FIRST_MS = 100
export const BACKOFF_MOST_MS = 5_000

/** `append`: all attempts together, and one of them. */
export const APPEND_TIMEOUT_MS = 5_000
export const APPEND_ATTEMPT_MS = 1_500

/** Publisher: silence after which a message is sent again, doubled at each retry up to the most. */
export const ACK_TIMEOUT_MS = 1_500
export const ACK_TIMEOUT_MOST_MS = 10_000
export const NOT_NOW_MS = 150
const NOT_NOW_MOST_MS = 5_000

/**
 * Publisher: wait after an answer that says "not now", doubled at each further one up to the most, and spread.
 * Counts answers, not attempts: a broker that stood still left many attempts without answer, and the first "not
 * now" after that must not hold a heartbeat back for seconds.
 */
export const notNowMs = (postponed: number): number =>
  Math.min(NOT_NOW_MOST_MS, NOT_NOW_MS * 2 ** postponed) * (0.75 + Math.random() / 2)

/** Publisher: how long it does not ask again whether a stream takes batches that did not. */
export const BATCH_PAUSE_MS = 10_000
/** Publisher: how often it looks for messages that are due again. */
export const RESEND_TICK_MS = 50
/** At most one line of each kind in this time. */
export const LOG_EVERY_MS = 5_000
/** The same of a message that fails again and again: it comes back each second. */
export const LOG_FAILED_EVERY_MS = 60_000

/**
 * A pull request, the heartbeats that the server sends meanwhile, and the silence that means that the
 * consumer is gone.
 */
export const PULL_EXPIRES_MS = 5_000
export const PULL_HEARTBEAT_MS = 500
export const PULL_SILENCE_MS = 3 * PULL_HEARTBEAT_MS
export const PULL_CHECK_MS = 250

/**
 * The server forgets a consumer that nobody asks for so long: a follower's, and one that reads a part of a
 * stream.
 */
export const FOLLOWER_INACTIVE_MS = 30_000
export const READER_INACTIVE_MS = 10_000
/** Listing the subjects that a stream holds, a page of 100,000. */
export const SUBJECTS_TIMEOUT_MS = 5_000
/** Reading the last values of a set of subjects. */
export const LAST_VALUES_TIMEOUT_MS = 10_000

/** Listing the messages that are about to be removed: an hour of a component's telemetry may be a million. */
export const REMOVAL_LIST_TIMEOUT_MS = 60_000

/**
 * Backup and restore of a stream: the answer that it begins, the longest silence on the way, and the word that a
 * restored stream is there, which comes after all of it is stored.
 */
export const SNAPSHOT_BEGIN_MS = 30_000
export const SNAPSHOT_SILENCE_MS = 30_000
export const RESTORE_END_MS = 120_000
/**
 * How long a stream may take to be seen that a server began to restore unheard (10 s with three servers of 2.15.2),
 * and how often to look.
 */
export const RESTORE_LEFT_MS = 20_000
export const RESTORE_LOOK_MS = 500

/** Moving subjects: reading one batch, and storing one message. */
export const MOVE_READ_TIMEOUT_MS = 30_000
export const MOVE_WRITE_TIMEOUT_MS = 30_000

/**
 * Shared work: time after which an unsettled message goes to another process, and before one that failed
 * comes again.
 */
export const ACK_WAIT_MS = 30_000
export const FAILED_DELAY_MS = 1_000
