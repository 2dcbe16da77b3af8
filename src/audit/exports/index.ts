/** One decision in the formats of others. Pure: the same evidence gives the same bytes. */
export {
  asked,
  type Asked,
  type DecisionEvidence,
  type DecisionProof,
  type LogEntry,
  type PublicJwk,
  type Stretch,
} from './evidence.ts'
export { to27560JsonLd } from './iso27560.ts'
export { toKantara11 } from './kantara.ts'
export { evidenceOf } from './of-receipt.ts'
export { toVcon } from './vcon.ts'
