import { gatewayMetrics } from './gateway-metrics.ts'
import type { MetricEntry } from './metric-entry.ts'

/**
 * Every metric of every service. `docs/metrics.md` lists the same set; a test compares both ways. No metric
 * name stands elsewhere.
 */
export const metricsTable = {
  meridian_broker_connected: { type: 'gauge', help: '1 while the process is connected to the broker' },
  meridian_broker_reconnects_total: { type: 'counter', help: 'connections to the broker regained' },
  meridian_broker_refusals_total: {
    type: 'counter',
    help: 'refusals of the broker, by what it refused: key, publish, subscription',
    labels: ['what']
  },
  meridian_broker_callback_errors_total: {
    type: 'counter',
    help: 'messages whose handling failed in an unexpected way, or whose reply subject is no inbox and was not answered; logged rarely'
  },
  meridian_http_bad_forwarded_total: {
    type: 'counter',
    help: 'requests of a trusted proxy whose X-Forwarded-For holds no address; they count as of the proxy itself'
  },
  meridian_auth_deaf_seconds: {
    type: 'gauge',
    help: 'how long nobody new is let in because revocations cannot be heard of; 0 while they are'
  },
  meridian_auth_audit_lost_total: {
    type: 'counter',
    help: 'records of the audit that are lost: more than 4 MB waited for the broker or for room, or they were refused for good'
  },
  meridian_auth_audit_unannounced_total: {
    type: 'counter',
    help: 'changes that took rights away while the audit could not be written; their records wait, or are lost'
  },
  meridian_commander_requests_total: {
    type: 'counter',
    help: 'requests on cmd. by answer: accepted, duplicate, or the code of the refusal',
    labels: ['answer']
  },
  meridian_commander_stages_total: {
    type: 'counter',
    help: 'stages written on ack. by state',
    labels: ['state']
  },
  meridian_commander_write_failures_total: {
    type: 'counter',
    help: 'tries to write a stage on ack. that failed, by outcome: tried again or given up',
    labels: ['outcome']
  },
  meridian_commander_open: { type: 'gauge', help: 'commands accepted at the site and not yet at an end' },
  meridian_commander_following: {
    type: 'gauge',
    help: 'commands whose acknowledgements this commander awaits'
  },
  meridian_commander_adopted_total: {
    type: 'counter',
    help: 'commands taken over from a commander that fell silent'
  },
  meridian_commander_sink_failures_total: {
    type: 'counter',
    help: 'times that Kafka or the registry of schemas did not answer as it must'
  },
  meridian_commander_bad_replies_total: {
    type: 'counter',
    help: 'answers of components that were not acknowledgements'
  },
  meridian_commander_bad_records_total: {
    type: 'counter',
    help: 'messages on intake. and ack. that are no record of the command that their subject names'
  },
  meridian_commander_late_replies_total: {
    type: 'counter',
    help: 'acknowledgements that came after the end of their command'
  },
  meridian_commander_unrelayed_total: {
    type: 'counter',
    help: 'requests whose asker does not get the later stages, because too many askers do'
  },
  meridian_commander_accept_seconds: {
    type: 'histogram',
    help: 'time from a request on cmd. to the answer accepted',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5]
  },
  meridian_api_request_seconds: {
    type: 'histogram',
    help: 'time to answer an HTTP request',
    labels: ['route', 'status'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5]
  },
  meridian_api_bad_records_total: {
    type: 'counter',
    help: 'messages on ack. that are no stage of the command that their subject names'
  },
  meridian_api_history_messages_total: { type: 'counter', help: 'stored messages read for histories' },
  meridian_api_logins_total: {
    type: 'counter',
    help: 'log-ins by outcome: done, or the code of the refusal',
    labels: ['outcome']
  },
  meridian_api_refreshes_total: {
    type: 'counter',
    help: 'refreshes of a session by outcome: done, or the code of the refusal',
    labels: ['outcome']
  },
  meridian_api_provider_answers: {
    type: 'gauge',
    help: '1: the OpenID provider answers, 0: it does not, and nobody can log in; in mode oidc alone'
  },
  meridian_api_provider_failures_total: {
    type: 'counter',
    help: 'times that the OpenID provider was asked and did not answer as one'
  },
  meridian_api_sessions: { type: 'gauge', help: 'sessions of the site that have not ended' },
  meridian_api_token_exchanges_total: {
    type: 'counter',
    help: 'personal tokens taken for an access token, by outcome: done, or the code of the refusal; an api that is shown one takes it about every four minutes',
    labels: ['outcome']
  },
  meridian_api_personal_tokens: { type: 'gauge', help: 'personal tokens of the site that are valid' },
  meridian_api_limited_total: {
    type: 'counter',
    help: 'requests refused because whoever asks sent too many: of a principal, or of an address',
    labels: ['by']
  },
  meridian_simulator_components: { type: 'gauge', help: 'simulated instances' },
  meridian_simulator_messages_total: { type: 'counter', help: 'messages that components said' },
  meridian_simulator_not_said_total: {
    type: 'counter',
    help: 'messages left out: Kafka did not take them, or they do not fit their schema'
  },
  meridian_simulator_transport_failures_total: {
    type: 'counter',
    help: 'times that Kafka or the registry of schemas did not answer as it must'
  },
  meridian_simulator_executions_total: { type: 'counter', help: 'commands executed' },
  meridian_simulator_duplicates_total: {
    type: 'counter',
    help: 'requests whose id was executed before, answered and not executed again'
  },
  meridian_simulator_bad_requests_total: {
    type: 'counter',
    help: 'requests on exec., or records of commands on Kafka, that were malformed'
  },
  meridian_simulator_ticks_skipped_total: {
    type: 'counter',
    help: 'ticks left out because the process was late'
  },
  meridian_producer_samples_total: {
    type: 'counter',
    help: 'samples handed to the publisher',
    labels: ['class']
  },
  meridian_producer_dropped_total: {
    type: 'counter',
    help: 'messages of a source that became no sample, and samples that were never stored',
    labels: ['reason']
  },
  meridian_producer_fields_dropped_total: {
    type: 'counter',
    help: 'fields left out because they contradict the catalogue'
  },
  meridian_producer_already_stored_total: {
    type: 'counter',
    help: 'messages that a source read again after a start and the streams had'
  },
  meridian_producer_source_failures_total: {
    type: 'counter',
    help: 'times that Kafka or the registry of schemas did not answer as it must, and was asked again'
  },
  meridian_producer_source_lost_total: {
    type: 'counter',
    help: 'records that Kafka dropped before they were read'
  },
  meridian_producer_uncatalogued_topics: {
    type: 'gauge',
    help: 'topics seen that the catalogue does not know'
  },
  meridian_producer_acked_total: { type: 'counter', help: 'samples that the broker stored' },
  meridian_producer_duplicates_total: {
    type: 'counter',
    help: 'samples that the broker had already; of those in batches it does not say so'
  },
  meridian_producer_batches_total: {
    type: 'counter',
    help: 'times that two or more samples of a subject were sent as one'
  },
  meridian_producer_split_batches_total: {
    type: 'counter',
    help: 'batches that the broker did not store, whose samples went one by one'
  },
  meridian_producer_retries_total: { type: 'counter', help: 'samples sent again for want of an answer' },
  meridian_producer_pending: { type: 'gauge', help: 'samples waiting for the broker' },
  meridian_producer_spool_bytes: { type: 'gauge', help: 'bytes of the samples that wait for the broker' },
  meridian_producer_clocks_off: {
    type: 'gauge',
    help: 'component instances whose stamps differ from the time of reading by a steady amount of more than 10 s'
  },
  meridian_producer_lag_seconds: {
    type: 'gauge',
    help: "largest time from a component's stamp to its reading, of the last ten seconds"
  },
  ...gatewayMetrics
} as const satisfies Record<string, MetricEntry>

/** Name of a metric that some service has. */
export type MetricName = keyof typeof metricsTable
