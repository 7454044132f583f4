import { formatAge } from '../format/age.ts'
import { clockTextOf } from '../format/stamp.ts'
import { bannerOf } from '../link-health.ts'
import { useShell } from '../shell.ts'

/** Says across the whole page that its values are old, and for how long. Nothing while all is well. */
export function Banner() {
  const { link } = useShell()
  const health = link.health.value
  const text = bannerOf(health)
  return (
    <div role="alert" class="banner-place">
      {text !== undefined && health.kind !== 'sound' && (
        <p class={`banner banner-${health.kind}`}>
          <strong>{text}</strong>
          {health.kind !== 'connecting' && (
            <span aria-hidden="true">
              {' '}
              — last data {clockTextOf(health.sinceMs)} UTC, {formatAge(link.nowMs.value - health.sinceMs)}{' '}
              ago
            </span>
          )}
        </p>
      )}
    </div>
  )
}
