/**
 * What a program needs that asks for quality `minmax`: an entry of its own, so that pages without plots do not
 * carry it.
 */
export { type Extreme, type MinMax, readMinMax } from '@meridian/protocol/live'
