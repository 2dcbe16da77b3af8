import type { ReceiptLimit, ReceiptSaid, ReceiptStep } from '#audit/verify'

/** What someone did, after “A person”. */
export const said: Record<ReceiptSaid, string> = {
  agreed: 'agreed to be recorded',
  declined: 'declined to be recorded',
  silent: 'gave no answer, which counts as no,',
  left: 'left without an answer, which counts as no,',
  ruled: 'was not asked, which counts as no,',
  withdrew: 'withdrew their consent to be recorded',
  ended: 'ceased to consent, by the server’s word,',
}

/** What a receipt leaves open. */
export const limitTexts: Record<Exclude<ReceiptLimit, 'clocks'>, string> = {
  serverWord: 'That the person did this: the server alone says so. It counts as a no, never as a yes.',
  unseen: 'Whether the person signed this: what is left is the server’s word. It counts as a no, never as a yes.',
  who: 'Who sat at the device: the signature is by a key that one page made for one call.',
  token: 'That a token names the key: only the server says so, and the token is not in this file.',
  name: 'The name: it is what the server was told.',
  noNotice: 'What exactly was shown: the notice is not in this receipt any more, its hash is.',
  pending: 'That the policy’s witnesses have seen it: too few have yet. Fetch the receipt again later, or ask for a newer one.',
  noWitness: 'That others are shown this same log: the policy asks for no witness. Compare receipts with those of others.',
  later: 'What came afterwards: a consent may have been withdrawn since, by another entry.',
  device: 'That nothing was recorded outside this server, or on a participant’s own device.',
}

/** Why a receipt is refused. */
export const reasons: Record<ReceiptStep, string> = {
  file: 'The file was cut off or changed, or is no receipt.',
  notice: 'The notice in it is not the one that was decided upon.',
  signature: 'A signature in it is wrong.',
  answer: 'Its parts do not belong together.',
  unsigned: 'It says yes, and nobody signed that.',
  unseen: 'It says yes, and this file holds no signature under it.',
  erased: 'What happened was erased, so there is nothing left to prove.',
  place: 'The log has something else at this place.',
  log: 'The log’s signature is wrong.',
  stranger: 'It is of a log that you do not trust.',
  witness: 'A witness’s signature is wrong.',
  history: 'The log shows different people different histories.',
  other: 'It is a receipt of something else.',
  trust: 'The policy or the key cannot be read.',
}

/** What can be done then. */
export const todos: Record<ReceiptStep, string> = {
  file: 'take the file as it was downloaded, without opening it in an editor; or fetch it again.',
  notice: 'do not rely on it. Keep it, and ask whoever gave it to you for the receipt as it was downloaded.',
  signature: 'do not rely on it. Keep it, and ask for the receipt as it was downloaded.',
  answer: 'do not rely on it. Keep it, and ask for the receipt as it was downloaded.',
  unsigned: 'treat it as a no. Only the person’s own signature makes a yes.',
  unseen: 'treat it as a no. A signature may exist; without it, a yes is only the server’s word. Ask for the receipt as it was downloaded.',
  erased: 'use a receipt that was downloaded before the erasure, if there is one.',
  place: 'do not rely on it. If the person downloaded it like this, the log was changed: keep both, and have the log checked.',
  log: 'do not rely on it; it was changed after the log signed it.',
  stranger: 'make sure that the policy or key is of the log that the receipt names.',
  witness: 'do not rely on it; compare the witness’s key in your policy with the one it publishes.',
  history: 'keep all of these receipts: together they prove it against the log’s operator.',
  other: 'name the receipt of the decision that you want to check.',
  trust: 'take the policy as its log or witness publishes it.',
}
