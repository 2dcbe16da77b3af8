import { existsSync, readFileSync } from 'node:fs'
import { Flaw, parsePolicy, sha256, trustInLog, type TrustPolicy } from '#audit/verify'
import { misuse } from './command.ts'

/** Whom a command is told to trust: a policy file, or the key of one log. */
export type TrustOptions = {
  readonly policy: string | undefined
  readonly vkey: string | undefined
}

/** Undefined when nobody was named. Throws BAD_REQUEST for what cannot be read as a policy or a key. */
export async function readTrust({ policy, vkey }: TrustOptions): Promise<TrustPolicy | undefined> {
  if (policy !== undefined && vkey !== undefined)
    throw misuse('give --policy or --vkey, not both: a policy names its logs itself')
  if (policy !== undefined) return understood(parsePolicy(sha256, readText(policy)), policy)
  if (vkey !== undefined) return understood(trustInLog(sha256, readKey(vkey)), '--vkey')
  return undefined
}

/** A key given as text, or the file that holds it. */
export function readKey(vkey: string): string {
  if (existsSync(vkey)) return readText(vkey).trim()
  if (!vkey.includes('+'))
    throw misuse(`there is no key file ${vkey}; name the key with --vkey KEY or --vkey FILE`)
  return vkey
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw misuse(`${path} cannot be read`, { cause })
  }
}

async function understood(reading: Promise<TrustPolicy>, what: string): Promise<TrustPolicy> {
  return reading.catch((cause: unknown) => {
    if (!(cause instanceof Flaw)) throw cause
    throw misuse(`${what}: ${cause.message}  [${cause.code}]`, { cause })
  })
}
