import { useComputed } from '@preact/signals'
import { bannerOf } from '../connection-health.ts'
import { degradedTextOf } from '../degraded.ts'
import { formatAge } from '../format/age.ts'
import { clockTextOf } from '../format/stamp.ts'
import { useShell } from '../shell.ts'
import { commandersLostMs } from '../site/silent-commanders.ts'
import { type SilentProducer, silenceText, silentProducersOf } from '../site/silent-producers.ts'
import { useAge } from './use-age.ts'

/** What is wrong with the link; everything else on the page is then as of its last data. */
function LinkBanner() {
  const { connection, clock } = useShell()
  const health = connection.health.value
  const text = bannerOf(health)
  if (text === undefined || health.kind === 'sound') return null
  return (
    <p class={`banner banner-${health.kind}`}>
      <strong>{text}</strong>
      {health.kind !== 'connecting' && (
        <span aria-hidden="true">
          {' '}
          — last data {clockTextOf(clock.siteMsOf(health.sinceMs))} UTC,{' '}
          {formatAge(clock.ageMs(health.sinceMs))} ago
        </span>
      )}
    </p>
  )
}

function ProducerBanner({ process, unjudged }: SilentProducer) {
  const age = useAge(() => process.beatMs.value, 'for a long time')
  return (
    <p class="banner banner-producer">
      <strong>{silenceText({ process, unjudged })}</strong>, their values are old
      <span aria-hidden="true">
        {' '}
        — last heard {age}
        {process.beatMs.value !== undefined && ' ago'}
      </span>
    </p>
  )
}

/** Nobody takes commands: neither a slew nor a stop reaches a component. */
function CommanderBanner({ lostMs }: { readonly lostMs: number }) {
  const age = useAge(() => lostMs, 'a long time')
  return (
    <p class="banner banner-commanders">
      <strong>NO COMMANDER BEATS: commands and stops may not be taken</strong>, keep other means of stopping
      ready
      <span aria-hidden="true"> — last heard {age} ago</span>
    </p>
  )
}

/** What the gateway holds back because this page reads too slowly, why, and what helps. */
function DegradedBanner() {
  const text = degradedTextOf(useShell().connection.status.value.degraded)
  if (text === undefined) return null
  return (
    <p class="banner banner-degraded">
      <strong>{text.title}</strong> — {text.advice}
    </p>
  )
}

/**
 * Says across the whole page that values are old, and for how long: all of them when the link has stopped,
 * those of its components when a producer has; that telemetry is held back; and that nobody takes commands.
 * Nothing while all is well.
 */
export function Banner() {
  const { connection, fleet } = useShell()
  const silent = useComputed(() => silentProducersOf(fleet)).value
  const lostMs = useComputed(() => commandersLostMs(fleet)).value
  const isSound = connection.health.value.kind === 'sound'
  return (
    <div role="alert" class="banner-place">
      <LinkBanner />
      <DegradedBanner />
      {isSound && lostMs !== undefined && <CommanderBanner lostMs={lostMs} />}
      {isSound && silent.map(one => <ProducerBanner key={one.process.id} {...one} />)}
    </div>
  )
}
