/**
 * Mean sidereal time in hours, 0 to 24, at a UTC instant in ms and a longitude in degrees east. Meeus,
 * Astronomical Algorithms, eq. 12.4; UT1 is taken as UTC, so it is right to about a second of time.
 */
export function siderealHoursOf(utcMs: number, longitudeDeg = 0): number {
  const days = utcMs / 86_400_000 + 2_440_587.5 - 2_451_545
  const centuries = days / 36_525
  const degrees = 280.46061837 + 360.98564736629 * days + 0.000387933 * centuries ** 2 + longitudeDeg
  return (((degrees % 360) + 360) % 360) / 15
}
