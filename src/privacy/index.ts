export { holdSession } from './holds.ts'
