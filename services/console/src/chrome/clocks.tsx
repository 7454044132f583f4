import { observingDayOf, siderealHoursOf, taiSecondsOf } from '@meridian/time'
import { useComputed } from '@preact/signals'
import { clockTextOf, dateTextOf, hoursTextOf } from '../format/stamp.ts'
import { useShell } from '../shell.ts'

/**
 * The observatory's times by the gateway's clock: UTC, TAI, observing day, and local sidereal time where the
 * site has a place.
 */
export function Clocks() {
  const { clock, site } = useShell()
  const utc = useComputed(() => clockTextOf(clock.siteMs.value))
  const date = useComputed(() => dateTextOf(clock.siteMs.value))
  const tai = useComputed(() => clockTextOf(taiSecondsOf(clock.siteMs.value) * 1000))
  const day = useComputed(() => observingDayOf(taiSecondsOf(clock.siteMs.value)))
  const sidereal = useComputed(() => {
    const { location } = site.value ?? {}
    return location && hoursTextOf(siderealHoursOf(clock.siteMs.value, location.longitudeDeg))
  })
  return (
    <dl class="clocks" aria-label="Times">
      <div class="clock clock-main">
        <dt>UTC</dt>
        <dd>
          <span class="clock-date">{date}</span> <time>{utc}</time>
        </dd>
      </div>
      <div class="clock">
        <dt>TAI</dt>
        <dd>{tai}</dd>
      </div>
      <div class="clock">
        <dt>Obs day</dt>
        <dd>{day}</dd>
      </div>
      {sidereal.value !== undefined && (
        <div class="clock">
          <dt>LST</dt>
          <dd>{sidereal}</dd>
        </div>
      )}
    </dl>
  )
}
