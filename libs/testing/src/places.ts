/**
 * So many packages are tested at a time on a machine, however many runs of the tests there are: as many as one
 * run begins by itself.
 */
export const PLACES = 9

/** The environment variable that tells a tested package, and the processes that it starts, which place it has: 0 to PLACES - 1. */
export const PLACE_VARIABLE = 'MERIDIAN_TEST_PLACE'
