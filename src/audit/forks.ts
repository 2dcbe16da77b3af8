/** One signed tree of a log; `root` in base64. */
type SignedTree = { readonly origin: string; readonly size: number; readonly root: string }

/**
 * Those that contradict each other: one log signed two roots for one size. Each is sound by itself, and two of them
 * together prove that the log shows different people different histories.
 */
export const forkedAmong = <Tree extends SignedTree>(trees: readonly Tree[]): readonly Tree[] =>
  trees.filter((one) =>
    trees.some(
      (other) =>
        other.origin === one.origin && other.size === one.size && other.root !== one.root,
    ),
  )
