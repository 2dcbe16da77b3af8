// Verify checks an exported log with an implementation that shares no line with ours: Go's own golang.org/x/mod/sumdb,
// which guards the Go checksum database.
//
//	verify FOLDER LOGKEY [WITNESSKEY...]
//
// FOLDER holds a checkpoint and the tiles as a log serves them. Exit code 0: all of it agrees; 1: not, and why.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: verify FOLDER LOGKEY [WITNESSKEY...]")
		os.Exit(2)
	}
	report, err := verify(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(report)
}

func verify(folder, logKey string, witnessKeys []string) (string, error) {
	tree, err := openCheckpoint(filepath.Join(folder, "checkpoint"), logKey, witnessKeys)
	if err != nil {
		return "", fmt.Errorf("checkpoint: %w", err)
	}
	tiles := tilesOf(tree.N)
	if err := checkFiles(folder, tiles); err != nil {
		return "", fmt.Errorf("files: %w", err)
	}
	rebuilt, err := rebuild(folder, tiles, tree)
	if err != nil {
		return "", fmt.Errorf("entries: %w", err)
	}
	// Before the reader of tiles: some of its versions take the full tiles of a small tree as they are.
	if err := checkTiles(folder, tiles, rebuilt); err != nil {
		return "", fmt.Errorf("tiles: %w", err)
	}
	proofs, err := checkProofs(tree, tlog.TileHashReader(tree, &folderReader{folder}), rebuilt)
	if err != nil {
		return "", fmt.Errorf("proofs: %w", err)
	}
	return fmt.Sprintf("%d entries, %d tiles, %d proofs; witnesses: %d", tree.N, len(tiles), proofs, len(witnessKeys)), nil
}

// openCheckpoint demands the signature of the log, whose name is the origin, and one of each witness.
func openCheckpoint(file, logKey string, witnessKeys []string) (tlog.Tree, error) {
	signed, err := os.ReadFile(file)
	if err != nil {
		return tlog.Tree{}, err
	}
	log, err := note.NewVerifier(logKey)
	if err != nil {
		return tlog.Tree{}, err
	}
	wanted := []note.Verifier{log}
	for _, key := range witnessKeys {
		witness, err := newWitness(key)
		if err != nil {
			return tlog.Tree{}, err
		}
		wanted = append(wanted, witness)
	}
	opened, err := note.Open(signed, note.VerifierList(wanted...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(wanted) || len(opened.UnverifiedSigs) != 0 {
		return tlog.Tree{}, fmt.Errorf("%d good signatures and %d unknown, want %d", len(opened.Sigs), len(opened.UnverifiedSigs), len(wanted))
	}
	for _, signature := range opened.Sigs {
		// Go's decoder passes over the bits that no byte needs.
		blob, err := base64.StdEncoding.DecodeString(signature.Base64)
		if err != nil || base64.StdEncoding.EncodeToString(blob) != signature.Base64 {
			return tlog.Tree{}, errors.New("a signature in another encoding than its own")
		}
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != log.Name() {
		return tlog.Tree{}, errors.New("not the origin, a size and a root")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// A witness verifies timestamped cosignatures (c2sp.org/tlog-cosignature), of which the note package knows nothing.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newWitness(vkey string) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed witness key")
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 33 || typed[0] != 4 {
		return nil, errors.New("malformed witness key")
	}
	id := sha256.Sum256([]byte(parts[0] + "\n" + string(typed)))
	if fmt.Sprintf("%x", id[:4]) != parts[1] {
		return nil, errors.New("witness key with another id")
	}
	return &witness{parts[0], binary.BigEndian.Uint32(id[:4]), typed[1:]}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.id }
func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

// tilesOf lists the tiles of a tree, widest only, and with level -1 the bundles of its entries.
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for level := 0; size>>(height*level) > 0; level++ {
		hashes := size >> (height * level)
		for n := int64(0); n<<height < hashes; n++ {
			width := hashes - n<<height
			if width > 1<<height {
				width = 1 << height
			}
			tile := tlog.Tile{H: height, L: level, N: n, W: int(width)}
			tiles = append(tiles, tile)
			if level == 0 {
				tile.L = -1
				tiles = append(tiles, tile)
			}
		}
	}
	return tiles
}

// pathOf is the path of c2sp.org/tlog-tiles, which leaves out the height and calls the records entries.
func pathOf(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// checkFiles demands that each tile is there, and nothing else.
func checkFiles(folder string, tiles []tlog.Tile) error {
	wanted := map[string]bool{"checkpoint": true}
	for _, tile := range tiles {
		wanted[pathOf(tile)] = true
	}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if !wanted[name] {
			return fmt.Errorf("%s does not belong there", name)
		}
		delete(wanted, name)
		return nil
	})
	if err != nil {
		return err
	}
	for name := range wanted {
		return fmt.Errorf("%s is missing", name)
	}
	return nil
}

type folderReader struct{ folder string }

func (r *folderReader) Height() int                     { return height }
func (r *folderReader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r *folderReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if data[i], err = os.ReadFile(filepath.Join(r.folder, pathOf(tile))); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// rebuild computes all hashes of the tree anew, from the entries, whose root must be the signed one.
func rebuild(folder string, tiles []tlog.Tile, tree tlog.Tree) (storage, error) {
	var stored storage
	count := int64(0)
	for _, tile := range tiles {
		if tile.L != -1 {
			continue
		}
		bundle, err := os.ReadFile(filepath.Join(folder, pathOf(tile)))
		if err != nil {
			return nil, err
		}
		for i := 0; i < tile.W; i++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("%s is cut", pathOf(tile))
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			hashes, err := tlog.StoredHashes(count, bundle[2:end], stored)
			if err != nil {
				return nil, err
			}
			stored = append(stored, hashes...)
			bundle = bundle[end:]
			count++
		}
		if len(bundle) != 0 {
			return nil, fmt.Errorf("%s goes on", pathOf(tile))
		}
	}
	root, err := tlog.TreeHash(tree.N, stored)
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, errors.New("they have another root than the one that is signed")
	}
	return stored, nil
}

// A storage holds every hash of a tree, in the order in which sumdb numbers them.
type storage []tlog.Hash

func (s storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s)) {
			return nil, errors.New("a hash beyond the tree")
		}
		hashes[i] = s[index]
	}
	return hashes, nil
}

// checkTiles compares each tile, byte for byte, with the one computed from the entries.
func checkTiles(folder string, tiles []tlog.Tile, rebuilt storage) error {
	for _, tile := range tiles {
		if tile.L == -1 {
			continue
		}
		want, err := tlog.ReadTileData(tile, rebuilt)
		if err != nil {
			return err
		}
		have, err := os.ReadFile(filepath.Join(folder, pathOf(tile)))
		if err != nil {
			return err
		}
		if !bytes.Equal(have, want) {
			return fmt.Errorf("%s is not the one of the entries", pathOf(tile))
		}
	}
	return nil
}

// checkProofs reads the hash of every record from the tiles, and proves from them that records are in the tree and that
// older trees begin it; about 200 of each.
func checkProofs(tree tlog.Tree, proven tlog.HashReader, rebuilt storage) (int, error) {
	indexes := make([]int64, tree.N)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, int64(i))
	}
	leaves, err := proven.ReadHashes(indexes)
	if err != nil {
		return 0, err
	}
	for i, leaf := range leaves {
		if leaf != rebuilt[indexes[i]] {
			return 0, fmt.Errorf("record %d has another hash", i)
		}
	}
	count := 0
	step := 1 + tree.N/200
	for i := int64(0); i < tree.N; i += step {
		record, err := tlog.ProveRecord(tree.N, i, proven)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(record, tree.N, tree.Hash, i, leaves[i]); err != nil {
			return 0, fmt.Errorf("record %d: %w", i, err)
		}
		older, err := tlog.TreeHash(i+1, rebuilt)
		if err != nil {
			return 0, err
		}
		grown, err := tlog.ProveTree(tree.N, i+1, proven)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(grown, tree.N, tree.Hash, i+1, older); err != nil {
			return 0, fmt.Errorf("tree of %d: %w", i+1, err)
		}
		count += 2
	}
	return count, nil
}
