export { AppError, type Facts, type WireError } from './app-error.ts'
export { briefly } from './briefly.ts'
export { type Code, type CodeEntry, codes } from './codes.ts'
export { didYouMean } from './did-you-mean.ts'
