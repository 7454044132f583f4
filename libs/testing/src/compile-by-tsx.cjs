/**
 * Loaded before everything else in each process of a test: tap's own compiler (TypeScript, a second and
 * more of CPU in each file) stays away, and tsx compiles, as it does for scripts and benches.
 */
process.env.TAP_TYPE_STRIP_ONLY = '1'
