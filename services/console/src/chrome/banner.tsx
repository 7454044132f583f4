import { bannerOf } from '../connection-health.ts'
import { formatAge } from '../format/age.ts'
import { clockTextOf } from '../format/stamp.ts'
import { useShell } from '../shell.ts'

/** Says across the whole page that its values are old, and for how long. Nothing while all is well. */
export function Banner() {
  const { connection, clock } = useShell()
  const health = connection.health.value
  const text = bannerOf(health)
  return (
    <div role="alert" class="banner-place">
      {text !== undefined && health.kind !== 'sound' && (
        <p class={`banner banner-${health.kind}`}>
          <strong>{text}</strong>
          {health.kind !== 'connecting' && (
            <span aria-hidden="true">
              {' '}
              — last data {clockTextOf(health.sinceMs)} UTC, {formatAge(clock.ageMs(health.sinceMs))} ago
            </span>
          )}
        </p>
      )}
    </div>
  )
}
