import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { CallState } from '#sdk'
import { list, span } from '../language/format.ts'
import { useText, type Words } from '../language/text.tsx'
import { announcementOf, type Announcement } from './announce.ts'
import { comingsAndGoings, useReminders } from './reminders.ts'

interface Spoken {
  readonly urgent: boolean
  readonly text: string
  /** Makes the same text be spoken again. */
  readonly turn: number
}

const gatherMs = 5000

/** What a screen reader hears of the call. Its text is set by hand, once per change; time is never live. */
export function Announcer({ state }: { readonly state: CallState }) {
  const words = useText()
  const [{ urgent, text, turn }, setSpoken] = useState<Spoken>({ urgent: false, text: '', turn: 0 })
  const before = useRef<CallState>({
    connection: 'connecting',
    own: state.own,
    streams: state.streams,
    receipts: state.receipts,
  })
  const speak = (next: string, isUrgent: boolean) =>
    setSpoken((last) => ({ text: next, urgent: isUrgent, turn: last.turn + 1 }))
  const announce = useEffectEvent((after: CallState) => {
    const announcement = announcementOf(before.current, after)
    before.current = after
    if (announcement !== null) speak(inWords(announcement, words), announcement.urgent)
  })

  useEffect(() => announce(state), [state])
  useReminders(state, (leftMs) =>
    speak(words.t('sr.halfLeft', { time: span(leftMs, words.locale) }), false),
  )
  useComingsAndGoings(state, (came, went) => {
    const key = came.length > 0 ? 'sr.came' : 'sr.went'
    speak(words.t(key, { names: list(came.length > 0 ? came : went, words.locale) }), false)
  })
  return (
    <>
      <output className="sr">{!urgent && <span key={turn}>{text}</span>}</output>
      <p className="sr" role="alert">
        {urgent && <span key={turn}>{text}</span>}
      </p>
    </>
  )
}

function inWords({ say, timeMs }: Announcement, { t, locale }: Words): string {
  return t(say.key, {
    ...say.values,
    ...(timeMs !== null && { time: span(Math.ceil(timeMs / 1000) * 1000, locale) }),
  })
}

/** Who came and went, gathered over five seconds. */
function useComingsAndGoings(
  state: CallState,
  tell: (came: readonly string[], went: readonly string[]) => void,
): void {
  const known = useRef<ReadonlyMap<string, string> | null>(null)
  const people =
    state.connection === 'joined' ? state.call.people.filter(({ kind }) => kind === 'person') : []
  const compare = useEffectEvent(() => {
    const now = new Map(people.map(({ peerId, name }): [string, string] => [peerId, name]))
    const { came, went } = comingsAndGoings(known.current ?? now, now)
    known.current = now
    if (came.length + went.length > 0) tell(came, went)
  })
  // A new array at each change of anything; who is there is what counts.
  const ids = people.map(({ peerId }) => peerId).join()
  useEffect(() => {
    if (ids === '') return undefined
    if (known.current === null) return compare()
    const timer = setTimeout(() => compare(), gatherMs)
    return () => clearTimeout(timer)
  }, [ids])
}
