/** What the token says of its bearer, for display alone: only the server can tell whether it is true. */
export interface Claims {
  readonly name: string | null
  readonly room: string | null
}

/**
 * Kept as long as this tab, for one purpose, to come back as the same person after a reload: strictly necessary. A
 * browser that refuses storage forgets, no more.
 */
export const tabStore = (slot: 'assent.token' | 'assent.resume') => ({
  get: (): string | null => {
    try {
      return sessionStorage.getItem(slot)
    } catch {
      // SecurityError: storage is switched off.
      return null
    }
  },
  set: (value: string | null): void => {
    try {
      if (value === null) sessionStorage.removeItem(slot)
      else sessionStorage.setItem(slot, value)
    } catch {
      // SecurityError: storage is switched off. The call works, a reload needs the link again.
    }
  },
})

/**
 * The token from `#token=…`, or the one this tab came with earlier. The fragment never reaches a server or a referrer;
 * it leaves the address bar at once, so that a copied or filmed address lets nobody in.
 */
export function takeToken(): string | null {
  const kept = tabStore('assent.token')
  const fragment = new URLSearchParams(location.hash.slice(1)).get('token')
  if (fragment === null || fragment === '') return kept.get()
  history.replaceState(null, '', location.pathname + location.search)
  kept.set(fragment)
  return fragment
}

/** The page of what is held about whoever has this token; it too never reaches a server in an address. */
export const aboutMeUrl = (token: string): string => `/me#token=${token}`

/** Someone who left for good does not come back by a reload. */
export const forgetToken = (): void => tabStore('assent.token').set(null)

/** Reads the middle part of a JWT (RFC 7519 §3) without checking anything. */
export function claimsOf(token: string): Claims {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return { name: textOf(claims, 'name'), room: textOf(claims, 'room') }
  } catch {
    // Not a token that we can read; the server will say what is wrong with it.
    return { name: null, room: null }
  }
}

/** weekly-planning → Weekly planning. Rooms are named by integrators, in the letters of an address. */
export function roomTitle(room: string): string {
  const words = room.replaceAll(/[-_]+/g, ' ').trim()
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

function textOf(claims: unknown, name: string): string | null {
  if (typeof claims !== 'object' || claims === null) return null
  const value: unknown = Object.entries(claims).find(([key]) => key === name)?.[1]
  return typeof value === 'string' && value !== '' ? value : null
}
