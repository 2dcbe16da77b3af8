/** What the record line said, and from when on (ms epoch). */
export type Sighting = { readonly state: string; readonly at: number }

declare global {
  interface Window {
    recordLineSeen: Sighting[]
  }
}

/** Notes each state of the record line as it stands in the page, put there before the page's own scripts. */
export function watchRecordLine(): void {
  window.recordLineSeen = []
  const look = (): void => {
    const state = document.querySelector('.recline')?.getAttribute('data-state')
    if (state && window.recordLineSeen.at(-1)?.state !== state)
      window.recordLineSeen.push({ state, at: Date.now() })
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true })
}
