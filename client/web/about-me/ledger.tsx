import type { ReactNode } from 'react'

/** A ruled table; on phones each row becomes a block. */
export function Ledger({
  labelledBy,
  heads,
  children,
}: {
  readonly labelledBy: string
  readonly heads: readonly string[]
  readonly children: ReactNode
}) {
  return (
    <table className="ledger" aria-labelledby={labelledBy}>
      <thead>
        <tr>
          {heads.map((head) => (
            <th scope="col" key={head}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
