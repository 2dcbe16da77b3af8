import {
  decisionClaims,
  emptyRoot,
  Flaw,
  hashOf,
  joinClaims,
  parseCheckpoint,
  parseNote,
  parseProof,
  parseVerifierKey,
  readRequest,
  saysTheSame,
  sha256,
  statementType,
  thumbprint,
  toBase64,
  toBase64Url,
  unsignedJws,
  utf8,
  verifyGrowth,
  verifyJws,
} from '#audit/verify'
import {
  CallError,
  type Consistency,
  type LogKeys,
  type Notice,
  type Params,
  type PersonId,
  type Receipt,
  type Result,
  type SessionId,
  type Snapshot,
  type Tree,
} from '#protocol'
import type { Clock } from './clock.ts'
import type { Keeper } from './keeper.ts'
import { checkReceipt, failedBy, type HeldReceipt } from './receipt.ts'
import { newKeyPair, sessionKey, type SessionKey } from './session-key.ts'

type World = {
  readonly keeper: Keeper
  readonly clock: Clock
  /** The token with which the present line came in. Secret. */
  readonly token: () => string
  readonly bind: (params: Params<'session.bind'>) => Promise<Result<'session.bind'>>
}

type Place = { readonly session: SessionId; readonly person: PersonId; readonly log: LogKeys }
type Proven = { readonly receipts: readonly Receipt[]; readonly consistency: Consistency }

/** A person's own side of the log: a key to sign with, memory of what the log looked like, receipts. */
export class Evidence {
  readonly #world: World
  #place: Place | null = null
  #key: SessionKey | null = null
  /** The newest `enter`, whatever becomes of it. */
  #entering: Promise<unknown> = Promise.resolve()
  #seen: Tree = emptyTree
  /** One check at a time: each starts from the tree that the one before has proven. */
  #checking: Promise<unknown> = Promise.resolve()

  constructor(world: World) {
    this.#world = world
  }

  /**
   * After each snapshot: ties this page's key to its person. Rejects with CallError, or with a Flaw when the log is not
   * the one that this browser saw before; nothing may be agreed to then.
   */
  enter(snapshot: Snapshot): Promise<void> {
    const entering = this.#enter(snapshot)
    this.#entering = entering.catch(() => undefined)
    return entering
  }

  /** Whether this page can sign, once that is decided: a request may overtake the answer that makes it possible. */
  async canSign(): Promise<boolean> {
    await this.#entering
    return this.#key !== null
  }

  /** Whether the server asked this very person and key, with this very notice. Throws Flaw. */
  async checkRequest(requestJws: string, notice: Notice, noticeSha256: string): Promise<void> {
    const { session, person, log } = this.#mustBeIn()
    const { claims, jws } = readRequest(requestJws)
    if (jws.kid !== thumbprint(sha256, log.statementJwk))
      throw new Flaw('request-key', 'signed by another key than the server’s')
    await verifyJws(jws, log.statementJwk)
    const isMine =
      claims.jkt === this.#mustHaveKey().jkt &&
      claims.subject.ref === person &&
      claims.session.id === session &&
      claims.origin === log.origin
    if (!isMine) throw new Flaw('decision-subject', 'it asks someone else')
    if (claims.notice.sha256 !== noticeSha256 || !saysTheSame(claims, notice))
      throw new Flaw('decision-notice', 'it asks something else than the notice shows')
  }

  /** The person's words as they are sent. `prev`: their last signed decision in this call. */
  async sign(
    requestJws: string,
    decision: Params<'consent.decide'>['decision'],
    prev: string | null,
  ): Promise<string> {
    const key = this.#mustHaveKey()
    await this.#checking
    const { claims: asked } = readRequest(requestJws)
    const claims = decisionClaims({
      v: 1,
      decision,
      purposes: [{ id: 'recording', granted: decision === 'given' }],
      requestSha256: hashOf(sha256, requestJws),
      noticeSha256: asked.notice.sha256,
      sid: asked.session.id,
      sub: asked.subject.ref,
      nonce: asked.nonce,
      iat: this.#seconds(),
      origin: asked.origin,
      seen: this.#seen,
      prev,
    })
    return key.sign(unsignedJws(statementType.decision, key.alg, key.jkt, claims))
  }

  /**
   * Checks receipts as soon as they come, and keeps them, whatever the verdict. They must all be of the tree to which
   * `consistency` leads from the one that `ask` is given. Rejects as `ask` does.
   */
  async take(ask: (seen: Tree) => Promise<Proven>): Promise<HeldReceipt[]> {
    const { session, person, log } = this.#mustBeIn()
    const { receipts, growth } = await this.#growing(log, ask)
    const held = await Promise.all(
      receipts.map(async (receipt) => {
        const checked = await checkReceipt(receipt, log, { session, person })
        if (checked.verdict.state === 'failed') return checked
        const flaw = 'flaw' in growth ? growth.flaw : otherTree(receipt, growth.tree)
        return flaw === undefined ? checked : { ...checked, verdict: failedBy(flaw) }
      }),
    )
    for (const receipt of held) await this.#world.keeper.keepReceipt(receipt)
    return held
  }

  /** The call is over for good: its key signs nothing any more. */
  async leave(): Promise<void> {
    if (this.#place !== null) await this.#world.keeper.forgetKey(this.#place.session)
    this.#key = null
  }

  async #enter({ session, person, bindingNonce, log }: Snapshot): Promise<void> {
    const known = await this.#world.keeper.log(log.origin)
    this.#place = { session: session.id, person, log: known?.keys ?? log }
    if (known !== undefined) {
      refuseOtherKeys(known.keys, log)
      this.#seen = known.seen
    }
    const key = await this.#keyOf(session.id)
    const claims = joinClaims({
      v: 1,
      ath: toBase64Url(sha256(utf8(this.#world.token()))),
      sid: session.id,
      sub: person,
      nonce: bindingNonce,
      iat: this.#seconds(),
    })
    const joinJws = await key.sign(unsignedJws(statementType.join, key.alg, key.jkt, claims))
    const { growth } = await this.#growing(log, (seen) =>
      this.#world.bind({ jwk: key.jwk, joinJws, seen }),
    )
    if ('flaw' in growth) throw growth.flaw
    this.#key = key
  }

  async #keyOf(session: SessionId): Promise<SessionKey> {
    if (this.#key !== null && this.#place?.session === session) return this.#key
    const kept = await this.#world.keeper.keyOf(session)
    const pair = kept ?? (await newKeyPair())
    if (kept === undefined) await this.#world.keeper.keepKey(session, pair)
    return sessionKey(pair)
  }

  /** Asks again when another answer has come first: a proof from an older tree says nothing about the newest. */
  async #growing<T extends { readonly consistency: Consistency }>(
    log: LogKeys,
    ask: (seen: Tree) => Promise<T>,
  ): Promise<T & { readonly growth: { readonly tree: Tree } | { readonly flaw: unknown } }> {
    for (;;) {
      const since = this.#seen
      const answer = await ask(since)
      const growth = await this.#alone(async () => {
        if (since !== this.#seen) return null
        return this.#grow(answer.consistency, log).then(
          (tree) => ({ tree }),
          (flaw: unknown) => ({ flaw }),
        )
      })
      if (growth !== null) return { ...answer, growth }
    }
  }

  #alone<T>(check: () => Promise<T>): Promise<T> {
    const checked = this.#checking.then(check)
    this.#checking = checked
    return checked
  }

  async #grow(consistency: Consistency, log: LogKeys): Promise<Tree> {
    const verifier = await parseVerifierKey(sha256, log.vkey)
    const { size, root } = await verifyGrowth(sha256, this.#seen, consistency, verifier)
    this.#seen = { size, root: toBase64(root) }
    await this.#world.keeper.keepLog({ keys: log, seen: this.#seen })
    return this.#seen
  }

  #mustBeIn(): Place {
    if (this.#place === null) throw new CallError('CONNECTION_LOST', 'this page is in no call')
    return this.#place
  }

  #mustHaveKey(): SessionKey {
    if (this.#key === null) throw new Flaw('decision-key', 'this page has no key yet')
    return this.#key
  }

  #seconds(): number {
    return Math.floor(this.#world.clock.now() / 1000)
  }
}
const emptyTree: Tree = { size: 0, root: toBase64(emptyRoot(sha256)) }

/** A receipt of another tree than the proven one could be of another log under the same name. */
function otherTree({ tlogProof }: Receipt, { size, root }: Tree): Flaw | undefined {
  const checkpoint = parseCheckpoint(parseNote(parseProof(tlogProof).checkpoint).text)
  if (checkpoint.size !== size)
    return new Flaw('log-inconsistent', 'the receipt is of another tree than the one proven')
  return toBase64(checkpoint.root) === root
    ? undefined
    : new Flaw('log-forked', 'this log has two trees of one size')
}

/** A log never gets another key: another one is another log under its name. */
function refuseOtherKeys(known: LogKeys, now: LogKeys): void {
  if (known.vkey !== now.vkey)
    throw new Flaw('log-key-changed', 'this log has another key than when it was seen first')
}
