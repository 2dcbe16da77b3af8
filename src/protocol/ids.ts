import { z } from './zod.ts'

/** The room's name, as the token's `room` claim says it. Chosen by the integrator; never shown in logs or metrics. */
export const RoomId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .brand<'RoomId'>()
export type RoomId = z.infer<typeof RoomId>

/** One call: from the first person entering an empty room to the last one leaving it. Random. */
export const SessionId = z
  .string()
  .regex(/^call_[a-z2-7]{26}$/)
  .brand<'SessionId'>()
export type SessionId = z.infer<typeof SessionId>

/** One page of one person in one call; survives a lost connection. Random, public to the room. */
export const PeerId = z
  .string()
  .regex(/^peer_[a-z2-7]{16}$/)
  .brand<'PeerId'>()
export type PeerId = z.infer<typeof PeerId>

/** One person in one call: the owner of a decision, whatever page or device it came from. Random per call. */
export const PersonId = z
  .string()
  .regex(/^person_[a-z2-7]{26}$/)
  .brand<'PersonId'>()
export type PersonId = z.infer<typeof PersonId>

/** One request to record, and the recording that may follow. Random. */
export const RequestId = z
  .string()
  .regex(/^req_[a-z2-7]{26}$/)
  .brand<'RequestId'>()
export type RequestId = z.infer<typeof RequestId>

/** One media stream that a peer sends. Chosen by the client, so that it need not wait for a reply; random. */
export const ProducerId = z
  .string()
  .regex(/^prod_[a-z0-9]{16,32}$/)
  .brand<'ProducerId'>()
export type ProducerId = z.infer<typeof ProducerId>

/** One media stream that a peer receives. Chosen by the SFU. */
export const ConsumerId = z.string().min(1).max(64).brand<'ConsumerId'>()
export type ConsumerId = z.infer<typeof ConsumerId>

/** Someone who may open recordings, by the name of their key in the server's configuration. */
export const ReaderId = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/)
  .brand<'ReaderId'>()
export type ReaderId = z.infer<typeof ReaderId>

/** One demand of a person for their rights. Random, and tied to nobody in the log. */
export const RightsId = z
  .string()
  .regex(/^rights_[a-z2-7]{26}$/)
  .brand<'RightsId'>()
export type RightsId = z.infer<typeof RightsId>

/** Lower-case hex over the exact bytes. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Sha256'>()
export type Sha256 = z.infer<typeof Sha256>

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** A fresh id of the given kind: 5 random bits for each character, from the platform's own generator. */
export const newId = {
  session: () => SessionId.parse(`call_${randomText(26)}`),
  peer: () => PeerId.parse(`peer_${randomText(16)}`),
  person: () => PersonId.parse(`person_${randomText(26)}`),
  request: () => RequestId.parse(`req_${randomText(26)}`),
  rights: () => RightsId.parse(`rights_${randomText(26)}`),
  producer: () => ProducerId.parse(`prod_${randomText(16)}`),
} as const

/** Random text of base32 letters; 26 of them carry 130 bits. */
export function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length))
  return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('')
}
