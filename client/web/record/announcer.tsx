import { useEffect, useRef, useState } from 'react'
import type { CallState } from '#sdk'
import { list, span } from '../language/format.ts'
import { useText, type Words } from '../language/text.tsx'
import { announcementOf, type Announcement } from './announce.ts'
import { quietly, useReminders } from './reminders.ts'

interface Spoken {
  readonly urgent: boolean
  readonly text: string
  /** Makes the same text be spoken again. */
  readonly turn: number
}

/** What a screen reader hears of the call. Its text is set by hand, once per change; time is never live. */
export function Announcer({ state }: { readonly state: CallState }) {
  const words = useText()
  const [spoken, setSpoken] = useState<Spoken>({ urgent: false, text: '', turn: 0 })
  const before = useRef<CallState>({ connection: 'connecting', own: state.own, streams: state.streams })
  const speak = useRef((text: string, urgent: boolean) => setSpoken(({ turn }) => ({ text, urgent, turn: turn + 1 })))

  useEffect(() => {
    const announcement = announcementOf(before.current, state)
    before.current = state
    if (announcement !== null) speak.current(inWords(announcement, words), announcement.urgent)
  }, [state, words])
  useReminders(state, (leftMs) => speak.current(words.t('sr.halfLeft', { time: span(leftMs, words.language) }), false))
  useComingsAndGoings(state, words, (text) => speak.current(text, false))

  return (
    <>
      <p className="sr" role="status" aria-live="polite">{!spoken.urgent && <span key={spoken.turn}>{spoken.text}</span>}</p>
      <p className="sr" role="alert" aria-live="assertive">{spoken.urgent && <span key={spoken.turn}>{spoken.text}</span>}</p>
    </>
  )
}

function inWords({ say, timeMs }: Announcement, { t, language }: Words): string {
  return t(say.key, { ...say.values, ...(timeMs !== null && { time: span(Math.ceil(timeMs / 1000) * 1000, language) }) })
}

/** Who came and went, gathered over five seconds; above ten people it would never end. */
function useComingsAndGoings(state: CallState, { t, language }: Words, speak: (text: string) => void): void {
  const people = state.connection === 'joined' ? state.call.people.filter(({ kind }) => kind === 'person') : null
  const known = useRef<ReadonlyMap<string, string> | null>(null)
  const ids = people?.map(({ peerId }) => peerId).join() ?? ''
  useEffect(() => {
    if (people === null) return undefined
    const now = new Map(people.map(({ peerId, name }) => [String(peerId), name]))
    if (known.current === null) {
      known.current = now
      return undefined
    }
    const timer = setTimeout(() => {
      const { came, went } = quietly(known.current ?? now, now)
      known.current = now
      if (came.length > 0) speak(t('sr.came', { names: list(came, language) }))
      else if (went.length > 0) speak(t('sr.went', { names: list(went, language) }))
    }, 5000)
    return () => clearTimeout(timer)
    // `ids` stands for `people`, which is a new array at each change of anything.
  }, [ids])
}
