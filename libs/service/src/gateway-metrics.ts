import type { MetricEntry } from './metric-entry.ts'

/** The metrics of gateways: a part of the table of all. */
export const gatewayMetrics = {
  meridian_gateway_connections: { type: 'gauge', help: 'open connections of clients' },
  meridian_gateway_event_streams: { type: 'gauge', help: 'those of them that read Server-Sent Events' },
  meridian_gateway_topics: { type: 'gauge', help: 'subjects in the last-value cache' },
  meridian_gateway_views: { type: 'gauge', help: 'distinct sets of subscriptions in use' },
  meridian_gateway_ring_bytes: { type: 'gauge', help: 'bytes of recent messages held for resumes' },
  meridian_gateway_messages_total: { type: 'counter', help: 'messages read from the streams' },
  meridian_gateway_stream_lag_messages: {
    type: 'gauge',
    help: 'messages that a stream held behind the last one read, as the broker said with that one',
    labels: ['stream']
  },
  meridian_gateway_tick_seconds: {
    type: 'histogram',
    help: 'time for which a tick kept the event loop; ticks are planned every 50 ms',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5]
  },
  meridian_gateway_tick_late_seconds: {
    type: 'histogram',
    help: 'time by which a tick began later than 50 ms after the one before',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1]
  },
  meridian_gateway_source_latency_seconds: {
    type: 'histogram',
    help: "time from the stamp of a message's source to the sockets, of a sample of what was sent, by class of subject",
    labels: ['class'],
    buckets: [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60]
  },
  meridian_gateway_stored_latency_seconds: {
    type: 'histogram',
    help: 'time from the moment at which the broker stored a message to the sockets, of the same sample',
    labels: ['class'],
    buckets: [0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60]
  },
  meridian_gateway_broker_answer_seconds: {
    type: 'gauge',
    help: 'seconds that the broker took for its last answer, or that one is awaited'
  },
  meridian_gateway_work_total: {
    type: 'counter',
    help: 'work that clients asked for: patterns, topics matched, put into views and sent'
  },
  meridian_gateway_work_waited_total: {
    type: 'counter',
    help: 'frames that waited because others had their turn'
  },
  meridian_gateway_missed_messages_total: {
    type: 'counter',
    help: 'messages that a stream dropped before they were read; clients are told'
  },
  meridian_gateway_bad_messages_total: {
    type: 'counter',
    help: 'messages that could not be read and were left out'
  },
  meridian_gateway_delivered_total: {
    type: 'counter',
    help: 'data records sent, counted once per connection'
  },
  meridian_gateway_frames_total: {
    type: 'counter',
    help: 'WebSocket messages sent, and groups of Server-Sent Events'
  },
  meridian_gateway_sent_bytes_total: {
    type: 'counter',
    help: 'bytes sent to clients, as they were before compression'
  },
  meridian_gateway_saved_bytes_total: {
    type: 'counter',
    help: 'bytes that clients did not get because frames were compressed'
  },
  meridian_gateway_deflated_bytes_total: {
    type: 'counter',
    help: 'bytes of compressed frames, each frame counted once, by stage: before, after',
    labels: ['stage']
  },
  meridian_gateway_undeflated_frames_total: {
    type: 'counter',
    help: 'frames that were not compressed because enough had been in that turn of the event loop'
  },
  meridian_gateway_waiting_bytes: { type: 'gauge', help: 'bytes that wait for all clients together' },
  meridian_gateway_degraded: {
    type: 'gauge',
    help: 'connections by step of the ladder of slow clients: none, slower, latest, paused',
    labels: ['step']
  },
  meridian_gateway_degradations_total: {
    type: 'counter',
    help: 'moves of slow clients on the ladder, by the step that they came to',
    labels: ['step']
  },
  meridian_gateway_relieved_total: {
    type: 'counter',
    help: 'connections closed because all clients together held too many bytes'
  },
  meridian_gateway_slow_closed_total: {
    type: 'counter',
    help: 'connections closed because the client could not keep up'
  },
  meridian_gateway_resumes_total: {
    type: 'counter',
    help: 'streams of resumed cursors by outcome: resumed, snapshot, gap',
    labels: ['outcome']
  },
  meridian_gateway_load_score: {
    type: 'gauge',
    help: 'how busy it is, as the other gateways hear it; 1 is all that it shall have'
  },
  meridian_gateway_peers: {
    type: 'gauge',
    help: 'other gateways of the site that were heard within three seconds'
  },
  meridian_gateway_bad_loads_total: {
    type: 'counter',
    help: 'messages on gw. that were no load of a gateway'
  },
  meridian_gateway_moves_total: {
    type: 'counter',
    help: 'clients that were asked to connect anew, by reason: rebalance, maxage, drain',
    labels: ['reason']
  },
  meridian_gateway_moves_overdue_total: {
    type: 'counter',
    help: 'clients that were asked to connect anew and were closed at the deadline'
  },
  meridian_gateway_accepts_waited_total: {
    type: 'counter',
    help: 'upgrades that waited because as many as allowed came within a second'
  },
  meridian_gateway_refused_total: {
    type: 'counter',
    help: 'frames, patterns and upgrades refused, by code',
    labels: ['code']
  }
} as const satisfies Record<string, MetricEntry>
