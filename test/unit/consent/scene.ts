import { PersonId, RequestId, Sha256, type Policy } from '#protocol'
import { idle, step, type Consent, type Effect, type Input, type Run } from '#consent'

export const person = (letter: string) => PersonId.parse(`person_${letter.repeat(26)}`)
export const host = person('h')
export const alice = person('a')
export const bob = person('b')
/** In the room's token list of nobody: was never asked. */
export const stranger = person('s')
export const late = person('l')

export const requestId = RequestId.parse(`req_${'r'.repeat(26)}`)
export const otherRequest = RequestId.parse(`req_${'o'.repeat(26)}`)
export const noticeSha256 = Sha256.parse('1'.repeat(64))
/** Stands for the words that a person signed. */
export const signature = Sha256.parse('5'.repeat(64))
export const otherNotice = Sha256.parse('2'.repeat(64))

export const run = (policy: Policy = 'everyone', part: Partial<Run> = {}): Run => ({
  requestId,
  by: host,
  policy,
  media: { audio: true, video: true, screen: false },
  hostMayChange: true,
  noticeSha256,
  purpose: 'minutes',
  answerMs: 1000,
  settleMs: 10,
  ...part,
})

export const ask = (
  policy: Policy = 'everyone',
  people: readonly (typeof host)[] = [host, alice, bob],
  part: Partial<Run> = {},
): Input => ({
  type: 'ask',
  run: run(policy, part),
  people: new Map(people.map((each) => [each, { barred: null }])),
})
export const decide = (
  who: typeof host,
  decision: 'given' | 'refused' | 'withdrawn',
  part: Partial<Extract<Input, { type: 'decide' }>> = {},
): Input => ({
  type: 'decide',
  person: who,
  requestId,
  noticeSha256,
  decision,
  signed: signature,
  ...part,
})
export const yesLogged = (who: typeof host, index = 7, yes = 1): Input => ({
  type: 'yesLogged',
  person: who,
  requestId,
  yes,
  index,
})
export const gateLogged = (gate: number, index = 20): Input => ({
  type: 'gateLogged',
  requestId,
  gate,
  index,
})
export const control = (
  type: 'pause' | 'resume' | 'stop' | 'cancel' | 'takeOver',
  by = host,
): Input => ({ type, by, requestId })
export const logged: Input = { type: 'requestLogged', requestId }

/** Runs inputs and returns what was reached, with everything asked of the outside, in order. */
export function play(
  start: Consent,
  ...inputs: readonly (readonly [input: Input, now: number])[]
): { consent: Consent; effects: Effect[] } {
  let consent = start
  const effects: Effect[] = []
  for (const [input, now] of inputs) {
    const [next, wanted] = step(consent, input, now)
    consent = next
    effects.push(...wanted)
  }
  return { consent, effects }
}

const yes = (who: typeof host, now: number) =>
  [
    [decide(who, 'given'), now],
    [yesLogged(who), now],
  ] as const

/** Each state as it comes about by itself: host, alice and bob are there; under `each` bob has said no. */
export function reach(policy: Policy): Record<Consent['state'], Consent> {
  const requesting = play(idle, [ask(policy), 0]).consent
  const asking = play(requesting, [logged, 0], ...yes(alice, 1)).consent
  const bobs = policy === 'everyone' ? yes(bob, 2) : ([[decide(bob, 'refused'), 2]] as const)
  const settling = play(asking, ...bobs, ...yes(host, 3)).consent
  const opening = play(settling, [{ type: 'tick' }, 13]).consent
  const recording = play(
    opening,
    [gateLogged(1), 20],
    ...[host, alice, bob].map((who) => [{ type: 'shown', person: who, gate: 1 }, 21] as const),
  ).consent
  const paused = play(recording, [control('pause'), 30]).consent
  const ended = play(recording, [control('stop'), 40]).consent
  return { idle, requesting, asking, settling, opening, recording, paused, ended }
}

/** A click comes with a signature, unless the page had no key; nobody signs their silence. */
const unsigned = ({ cause, signed }: { cause: string; signed: unknown }): string =>
  cause === 'click' && signed === null ? ', unsigned' : ''

/** An effect in one word, with whom or what it is about. */
export function say(effect: Effect): string {
  const name = (who: typeof host) =>
    ({ [host]: 'host', [alice]: 'alice', [bob]: 'bob', [late]: 'late' })[who] ?? 'stranger'
  switch (effect.type) {
    case 'audit': {
      const { event } = effect
      switch (event.event) {
        case 'decision':
          return `log(${name(event.person)} ${event.decision} by ${event.cause}${unsigned(event)})`
        case 'gateOpen':
          return `log(gate ${event.gate} for ${event.people.map(name).join('+')})`
        case 'gateClosed':
          return `log(closed: ${event.cause})`
        case 'hostChanged':
          return `log(host is ${name(event.to)})`
        case 'over':
          return `log(over: ${event.outcome})`
        case 'request':
          return `log(${event.people.map(name).join('+')} asked)`
      }
    }
    case 'show':
      return `show(${effect.people.map(name).join('+')})`
    case 'release':
      return effect.person === undefined ? 'release' : `release(${name(effect.person)})`
    case 'capture':
    case 'endInterval':
    case 'finish':
      return effect.type
  }
}
