import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { utf8 } from '../../../src/audit/bytes.ts'
import { signCheckpoint } from '../../../src/audit/checkpoint.ts'
import { leafHash } from '../../../src/audit/merkle.ts'
import {
  consistencyFromNodes,
  rootFromNodes,
  type NodeHash,
} from '../../../src/audit/node-proofs.ts'
import { platformSha256 as sha256 } from '../../../src/audit/platform-sha256.ts'
import { appendLeaf, emptyEdge } from '../../../src/audit/right-edge.ts'
import type { AddCheckpoint } from '../../../src/audit/witness.ts'
import { logParty, type Party } from '../../unit/audit/parties.ts'

/** A log of a thousand leaves, which can be shown at any size; a second history of it shares its key. */
export type GrowingLog = {
  readonly party: Party<'note'>
  readonly note: (size: number) => string
  readonly prove: (from: number, size: number) => Uint8Array[]
  readonly request: (from: number, size: number) => AddCheckpoint
}

export async function growingLog(origin: string): Promise<GrowingLog> {
  return history(await logParty(origin), 'leaf')
}

/** Another history, signed by the same key: what a witness must never cosign beside the first. */
export const forkOf = ({ party }: GrowingLog): GrowingLog => history(party, 'fork')

function history(party: Party<'note'>, leaf: string): GrowingLog {
  const nodes = new Map<string, Uint8Array>()
  let edge = emptyEdge
  for (let i = 0; i < 1000; i++) {
    const [next, completed] = appendLeaf(sha256, edge, leafHash(sha256, utf8(`${leaf} ${i}`)))
    for (const { level, i: place, hash } of completed) nodes.set(`${level}/${place}`, hash)
    edge = next
  }
  const hashOf: NodeHash = (level, i) => nodes.get(`${level}/${i}`)!
  const note = (size: number): string => {
    const root = rootFromNodes(sha256, hashOf, size)
    return signCheckpoint({ origin: party.signer.name, size, root }, party.signer)
  }
  const prove = (from: number, size: number) => consistencyFromNodes(sha256, hashOf, from, size)
  return {
    party,
    note,
    prove,
    request: (from, size) => ({
      oldSize: from,
      proof: from === 0 || from > size ? [] : prove(from, size),
      checkpoint: note(size),
    }),
  }
}

/** A server on loopback that answers as it is told. */
export async function answering(
  listener: RequestListener,
): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}
