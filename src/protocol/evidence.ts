import { z } from './zod.ts'

const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** The public half of a key that a page made for one call: Ed25519 (RFC 8037), or P-256 where a browser lacks it. */
export const PublicJwk = z.discriminatedUnion('kty', [
  z.strictObject({ crv: z.literal('Ed25519'), kty: z.literal('OKP'), x: coordinate }),
  z.strictObject({ crv: z.literal('P-256'), kty: z.literal('EC'), x: coordinate, y: coordinate }),
])
export type PublicJwk = z.infer<typeof PublicJwk>

/** A signed statement in compact form (RFC 7515 §7.1). */
export const CompactJws = z
  .string()
  .max(65_536)
  .regex(/^[\w-]+\.[\w-]+\.[\w-]+$/)

/** A tree of the consent log: how many entries, and the root over them in base64. */
export const Tree = z.strictObject({
  size: z.int().min(0),
  root: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
})
export type Tree = z.infer<typeof Tree>

/** That an earlier tree still begins the newest one: a signed note, and base64 hashes (RFC 9162 §2.1.4). */
export const Consistency = z.strictObject({
  checkpoint: z.string(),
  hashes: z.array(z.string()).max(128),
})
export type Consistency = z.infer<typeof Consistency>

/** What proves one entry of the log without the server: a C2SP tlog-proof, and what opens the leaf. */
export const Receipt = z.strictObject({ tlogProof: z.string(), opening: z.string() })
export type Receipt = z.infer<typeof Receipt>

/** Whose log it is and with what it is verified. A page keeps what it saw first and refuses another. */
export const LogKeys = z.strictObject({
  origin: z.string().min(1).max(255),
  /** A C2SP signed-note verifier key. */
  vkey: z.string().min(1).max(500),
  /** Of the key that signs requests. */
  statementJwk: PublicJwk,
})
export type LogKeys = z.infer<typeof LogKeys>
