import { Ring } from '../record/ring.tsx'

export function Wordmark() {
  return (
    <span className="wordmark">
      <Ring shape="open" />
      Assent
    </span>
  )
}
