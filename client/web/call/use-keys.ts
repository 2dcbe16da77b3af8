import { useEffect, useRef } from 'react'

export interface KeyActs {
  readonly microphone: () => void
  readonly camera: () => void
  readonly share: () => void
  readonly people: () => void
  readonly record: () => void
  readonly focusWithdraw: () => void
  /** Sets the sheet aside, closes panel or menu. Never answers. */
  readonly escape: () => void
  /** Pressed: heard while muted. Released: muted again. */
  readonly talk: (on: boolean) => void
}

const byCode: Record<string, keyof Omit<KeyActs, 'escape' | 'talk'>> = {
  KeyM: 'microphone',
  KeyV: 'camera',
  KeyS: 'share',
  KeyP: 'people',
  KeyR: 'record',
  KeyW: 'focusWithdraw',
}

/** The keys of a call. No single letter acts, and no key answers for anyone. `on` switches off all but Escape. */
export function useKeys(acts: KeyActs, on: boolean): void {
  const latest = useRef(acts)
  useEffect(() => {
    latest.current = acts
  })
  useEffect(() => {
    const closing = new AbortController()
    const { signal } = closing
    let talking = false
    const talk = (next: boolean) => {
      if (talking !== next) latest.current.talk(next)
      talking = next
    }
    addEventListener(
      'keydown',
      (event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) return latest.current.escape()
        if (!on || event.ctrlKey || event.metaKey || event.shiftKey) return undefined
        const act = event.altKey ? byCode[event.code] : undefined
        if (act !== undefined && !isTyping(event.target)) {
          // Otherwise the browser's own menu opens as well.
          event.preventDefault()
          if (!event.repeat) latest.current[act]()
        } else if (event.code === 'Space' && !event.altKey && isNowhere(event.target)) {
          event.preventDefault()
          talk(true)
        }
        return undefined
      },
      { signal },
    )
    addEventListener(
      'keyup',
      ({ code }) => {
        if (code === 'Space') talk(false)
      },
      { signal },
    )
    // Released while another window had the focus: nobody must stay heard by that.
    addEventListener('blur', () => talk(false), { signal })
    return () => {
      talk(false)
      closing.abort()
    }
  }, [on])
}

// On a Mac, Option and a letter type a character.
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches('textarea, [contenteditable], input:not([type=checkbox], [type=radio])')

/** No field and no control has the focus: a title may. */
const isNowhere = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  !target.matches('a, button, input, select, textarea, summary, [contenteditable], [tabindex="0"]')
