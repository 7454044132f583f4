/** Each alert of the component monitoring fires where it should, and is silent where all is well: asked of promtool. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { findPromtool } from '../deploy/promtool.ts'
import { root } from '../root.ts'

interface Series {
  readonly series: string
  /** A value each minute, in promtool's words: `0x60` is 61 times 0, `0+5x60` grows by 5. */
  readonly values: string
}

const steady = (series: string, value: number): Series => ({ series, values: `${value}x60` })
const growing = (series: string, by: number): Series => ({ series, values: `0+${by}x60` })

const POD = 'site="summit", container="gateway", pod="gateway-1"'
const OTHER = 'site="summit", container="gateway", pod="gateway-2"'
const PRODUCER = 'site="summit", container="producer", pod="producer-1"'
const COMMANDER = 'site="summit", container="commander", pod="commander-1"'
const DATA = 'site="summit", class="tel"'
const SERVER = 'site="summit", container="exporter", pod="nats-0"'
const OTHER_SERVER = 'site="summit", container="exporter", pod="nats-1"'

/** What a histogram has where every message took between 0.5 and 1 s, or less than 0.1 s. */
const latencies = (isLate: boolean): Series[] => [
  growing(`meridian_gateway_stored_latency_seconds_bucket{${DATA}, le="0.1"}`, isLate ? 0 : 100),
  growing(`meridian_gateway_stored_latency_seconds_bucket{${DATA}, le="0.5"}`, isLate ? 0 : 100),
  growing(`meridian_gateway_stored_latency_seconds_bucket{${DATA}, le="1"}`, 100),
  growing(`meridian_gateway_stored_latency_seconds_bucket{${DATA}, le="+Inf"}`, 100)
]

/** For each alert, series with which it fires, and such as are like them and in order. */
const cases: Readonly<Record<string, { readonly bad: readonly Series[]; readonly good: readonly Series[] }>> =
  {
    MeridianDown: { bad: [steady(`up{${POD}}`, 0)], good: [steady(`up{${POD}}`, 1)] },
    MeridianProducerDown: { bad: [steady(`up{${PRODUCER}}`, 0)], good: [steady(`up{${PRODUCER}}`, 1)] },
    MeridianNoCommander: {
      bad: [steady(`up{${COMMANDER}}`, 0)],
      good: [
        steady(`up{${COMMANDER}}`, 1),
        steady('up{site="summit", container="commander", pod="commander-2"}', 0)
      ]
    },
    MeridianNoBroker: {
      bad: [steady(`meridian_broker_connected{${POD}}`, 0)],
      good: [steady(`meridian_broker_connected{${POD}}`, 1)]
    },
    MeridianBrokerRefuses: {
      bad: [growing(`meridian_broker_refusals_total{${POD}, what="publish"}`, 1)],
      good: [steady(`meridian_broker_refusals_total{${POD}, what="publish"}`, 7)]
    },
    MeridianServersMissing: {
      bad: [
        steady('kube_statefulset_status_replicas_ready{statefulset="nats"}', 2),
        steady('kube_statefulset_replicas{statefulset="nats"}', 3)
      ],
      good: [
        steady('kube_statefulset_status_replicas_ready{statefulset="nats"}', 3),
        steady('kube_statefulset_replicas{statefulset="nats"}', 3)
      ]
    },
    MeridianServerUnhealthy: {
      bad: [steady(`nats_healthz_status{${SERVER}}`, 1), steady(`nats_healthz_status{${OTHER_SERVER}}`, 0)],
      good: [steady(`nats_healthz_status{${SERVER}}`, 0)]
    },
    MeridianServerFull: {
      bad: [
        steady(`nats_server_max_storage{${SERVER}, meta_leader="nats-1"}`, 100),
        steady(`nats_server_total_message_bytes{${SERVER}, meta_leader="nats-1"}`, 97)
      ],
      good: [
        steady(`nats_server_max_storage{${SERVER}}`, 100),
        steady(`nats_server_total_message_bytes{${SERVER}}`, 93),
        steady(`nats_account_storage_used{${SERVER}, account="summit"}`, 186),
        steady(`nats_server_max_storage{${OTHER_SERVER}}`, 100),
        steady(`nats_server_total_message_bytes{${OTHER_SERVER}}`, 93)
      ]
    },
    MeridianDevicesFull: {
      bad: [
        steady(`nats_account_storage_used{${SERVER}, account="DEVICES"}`, 170),
        steady(`nats_account_max_storage{${SERVER}, account="DEVICES"}`, 192)
      ],
      good: [
        steady(`nats_account_storage_used{${SERVER}, account="DEVICES"}`, 144),
        steady(`nats_account_max_storage{${SERVER}, account="DEVICES"}`, 192),
        steady(`nats_account_storage_used{${SERVER}, account="summit"}`, 190),
        steady(`nats_account_max_storage{${SERVER}, account="summit"}`, 191)
      ]
    },
    MeridianServerUnseen: {
      bad: [steady(`up{${SERVER}}`, 0), steady(`up{${OTHER_SERVER}}`, 1)],
      good: [steady(`up{${SERVER}}`, 1)]
    },
    MeridianSamplesDropped: {
      bad: [growing(`meridian_producer_dropped_total{${PRODUCER}, reason="PRD_BAD_MESSAGE"}`, 1)],
      good: [steady(`meridian_producer_dropped_total{${PRODUCER}, reason="PRD_BAD_MESSAGE"}`, 9)]
    },
    MeridianSpoolGrows: {
      bad: [steady(`meridian_producer_spool_bytes{${PRODUCER}}`, 40e6)],
      good: [steady(`meridian_producer_spool_bytes{${PRODUCER}}`, 1e6)]
    },
    MeridianClockOff: {
      bad: [steady(`meridian_producer_clocks_off{${PRODUCER}}`, 1)],
      good: [steady(`meridian_producer_clocks_off{${PRODUCER}}`, 0)]
    },
    MeridianGatewayBehind: {
      bad: [steady(`meridian_gateway_stream_lag_messages{${POD}, stream="TEL"}`, 20_000)],
      good: [steady(`meridian_gateway_stream_lag_messages{${POD}, stream="TEL"}`, 200)]
    },
    MeridianGatewayMissed: {
      bad: [growing(`meridian_gateway_missed_messages_total{${POD}}`, 1)],
      good: [steady(`meridian_gateway_missed_messages_total{${POD}}`, 5)]
    },
    MeridianDataLate: { bad: latencies(true), good: latencies(false) },
    MeridianEventLoopLate: {
      bad: [steady(`nodejs_eventloop_lag_p99_seconds{${POD}}`, 0.2)],
      good: [steady(`nodejs_eventloop_lag_p99_seconds{${POD}}`, 0.02)]
    },
    MeridianGatewaysFull: {
      bad: [
        steady(`meridian_gateway_connections{${POD}}`, 2600),
        steady(`meridian_gateway_connections{${OTHER}}`, 2500)
      ],
      good: [
        steady(`meridian_gateway_connections{${POD}}`, 2600),
        steady(`meridian_gateway_connections{${OTHER}}`, 100)
      ]
    },
    MeridianGatewaysApart: {
      bad: [steady(`meridian_gateway_peers{${POD}}`, 0), steady(`meridian_gateway_peers{${OTHER}}`, 1)],
      good: [steady(`meridian_gateway_peers{${POD}}`, 1), steady(`meridian_gateway_peers{${OTHER}}`, 1)]
    },
    MeridianSlowClients: {
      bad: [growing(`meridian_gateway_slow_closed_total{${POD}}`, 5)],
      good: [growing(`meridian_gateway_slow_closed_total{${POD}}`, 1)]
    },
    MeridianCommandsUnwritten: {
      bad: [growing(`meridian_commander_write_failures_total{${COMMANDER}, outcome="given up"}`, 1)],
      good: [growing(`meridian_commander_write_failures_total{${COMMANDER}, outcome="tried again"}`, 1)]
    },
    MeridianCommandsPile: {
      bad: [steady(`meridian_commander_open{${COMMANDER}}`, 600)],
      good: [steady(`meridian_commander_open{${COMMANDER}}`, 60)]
    },
    MeridianAuditLost: {
      bad: [growing(`meridian_auth_audit_lost_total{${POD}}`, 1)],
      good: [steady(`meridian_auth_audit_lost_total{${POD}}`, 1)]
    },
    MeridianRevocationsUnheard: {
      bad: [steady(`meridian_auth_deaf_seconds{${POD}}`, 60)],
      good: [steady(`meridian_auth_deaf_seconds{${POD}}`, 0)]
    },
    MeridianProviderAway: {
      bad: [steady('meridian_api_provider_answers{site="summit", pod="api-1"}', 0)],
      good: [steady('meridian_api_provider_answers{site="summit", pod="api-1"}', 1)]
    }
  }

const rule = parse(readFileSync(join(root, 'deploy/components/monitoring/prometheus-rule.yaml'), 'utf8')) as {
  readonly spec: { readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[] }
}

/** One test of promtool: after half an hour of these series, whether the alert fires. */
const testOf = (alert: string, series: readonly Series[], fires: boolean) => ({
  name: `${alert} ${fires ? 'fires' : 'is silent'}`,
  interval: '1m',
  input_series: series,
  promql_expr_test: [
    {
      expr: `count by (alertname) (ALERTS{alertname="${alert}", alertstate="firing"}) > bool 0`,
      eval_time: '30m',
      exp_samples: fires ? [{ labels: `{alertname="${alert}"}`, value: 1 }] : []
    }
  ]
})

t.test('the rules are tried, every one of them', async t => {
  t.same(
    rule.spec.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)),
    Object.keys(cases)
  )
})

const promtool = findPromtool()

t.test(
  'each alert fires where it should and is silent where all is well',
  { skip: promtool === undefined && 'promtool is not there: .ci/install unpacks it from Debian' },
  async t => {
    const folder = t.testdir({})
    writeFileSync(join(folder, 'rules.json'), JSON.stringify(rule.spec))
    const tests = Object.entries(cases).flatMap(([alert, { bad, good }]) => [
      testOf(alert, bad, true),
      testOf(alert, good, false)
    ])
    writeFileSync(join(folder, 'tests.json'), JSON.stringify({ rule_files: ['rules.json'], tests }))
    const ask = (...args: string[]): string =>
      execFileSync(promtool ?? '', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
    t.match(ask('check', 'rules', 'rules.json'), `${Object.keys(cases).length} rules found`)
    t.match(ask('test', 'rules', 'tests.json'), 'SUCCESS')
  }
)
