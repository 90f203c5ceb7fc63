package solanarpc

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// The journal is a header and then one frame a block: what landed in it, as
// the raw transactions, and how each ended. State is what running them again
// gives; the recorded ends prove that it is the same state. A frame is
//
//	length uint32 | crc32 of the rest uint32 | slot uint64 | time int64 | JSON of the transactions, or nothing
//
// A last frame that is cut short or does not match its checksum was torn by a
// crash before its block became visible: it is cut off. Damage before the end
// is an error, and nothing is cut.
const (
	journalVersion  = 1
	frameHead       = 8
	frameFixed      = 16
	journalFileMode = 0o600
)

// errJournal marks a journal that cannot be used by this version.
var errJournal = errors.New("journal does not replay")

type journalHeader struct {
	Version int      `json:"version"`
	Seed    [32]byte `json:"seed"`
	Faucet  uint64   `json:"faucet_lamports"`
	Started int64    `json:"started"`
}

type journalEntry struct {
	Raw []byte          `json:"raw"`
	Err json.RawMessage `json:"err,omitempty"`
}

// journal is the open file. Without a path it is nil and keeps nothing.
type journal struct{ f *os.File }

// openJournal opens or makes the file, and answers its header: the given one
// when the file is new.
func openJournal(path string, fresh journalHeader) (*journal, journalHeader, error) {
	if path == "" {
		return nil, fresh, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fresh, fmt.Errorf("make journal folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, journalFileMode)
	if err != nil {
		return nil, fresh, fmt.Errorf("open journal: %w", err)
	}
	j := &journal{f: f}
	if err := lockFile(f); err != nil {
		return nil, fresh, errors.Join(fmt.Errorf("journal %s is in use: %w", path, err), f.Close())
	}
	head, err := j.header(fresh)
	if err != nil {
		return nil, head, errors.Join(err, f.Close())
	}
	return j, head, nil
}

func (j *journal) header(fresh journalHeader) (journalHeader, error) {
	body, err := j.next()
	if errors.Is(err, io.EOF) {
		if info, err := j.f.Stat(); err != nil || info.Size() > 0 {
			return fresh, errors.Join(fmt.Errorf("%w: %s has no header", errJournal, j.f.Name()), err)
		}
		b, err := json.Marshal(fresh)
		if err != nil {
			return fresh, fmt.Errorf("encode journal header: %w", err)
		}
		return fresh, j.write(b, true)
	}
	if err != nil {
		return fresh, err
	}
	var head journalHeader
	if err := json.Unmarshal(body, &head); err != nil {
		return fresh, fmt.Errorf("read journal header: %w", err)
	}
	if head.Version != journalVersion {
		return fresh, fmt.Errorf("%w: it has version %d, this is version %d", errJournal, head.Version, journalVersion)
	}
	return head, nil
}

// next reads a frame; io.EOF is the end or a torn frame, and leaves the
// position at the start of what is missing.
func (j *journal) next() ([]byte, error) {
	at, err := j.f.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	head := make([]byte, frameHead)
	if _, err := io.ReadFull(j.f, head); err != nil {
		return nil, j.torn(at)
	}
	info, err := j.f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	n, left := int64(binary.LittleEndian.Uint32(head)), info.Size()-at-frameHead
	if n == 0 || n > left {
		return nil, j.torn(at)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(j.f, body); err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(head[4:]) {
		if n < left {
			return nil, fmt.Errorf("%w: damaged at byte %d", errJournal, at)
		}
		return nil, j.torn(at)
	}
	return body, nil
}

func (j *journal) torn(at int64) error {
	if _, err := j.f.Seek(at, io.SeekStart); err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	return io.EOF
}

// write appends a frame. Blocks without transactions need no sync: a crash of
// the process does not lose them, and a crash of the machine loses only slots.
func (j *journal) write(body []byte, sync bool) error {
	if j == nil {
		return nil
	}
	frame := make([]byte, frameHead, frameHead+len(body))
	binary.LittleEndian.PutUint32(frame, uint32(len(body)))
	binary.LittleEndian.PutUint32(frame[4:], crc32.ChecksumIEEE(body))
	if _, err := j.f.Write(append(frame, body...)); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if !sync {
		return nil
	}
	if err := j.f.Sync(); err != nil {
		return fmt.Errorf("sync journal: %w", err)
	}
	return nil
}

// append writes a staged block and syncs it when it holds transactions.
func (j *journal) append(s *staged) error {
	if j == nil {
		return nil
	}
	body := make([]byte, frameFixed)
	binary.LittleEndian.PutUint64(body, s.slot)
	binary.LittleEndian.PutUint64(body[8:], uint64(s.time))
	if len(s.records) > 0 {
		entries := make([]journalEntry, len(s.records))
		for i, r := range s.records {
			end, err := endOf(r)
			if err != nil {
				return err
			}
			entries[i] = journalEntry{Raw: r.tx.raw, Err: end}
		}
		list, err := json.Marshal(entries)
		if err != nil {
			return fmt.Errorf("encode block %d: %w", s.slot, err)
		}
		body = append(body, list...)
	}
	return j.write(body, len(s.records) > 0)
}

func endOf(r *record) (json.RawMessage, error) {
	if r.out.err == nil {
		return nil, nil
	}
	b, err := json.Marshal(r.out.err)
	if err != nil {
		return nil, fmt.Errorf("encode transaction error: %w", err)
	}
	return b, nil
}

// replay rebuilds the chain from every whole frame and cuts off a torn one.
func (j *journal) replay(c *chain) error {
	if j == nil {
		return nil
	}
	for {
		body, err := j.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := replayBlock(c, body); err != nil {
			return err
		}
	}
	at, err := j.f.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("end of journal: %w", err)
	}
	if err := j.f.Truncate(at); err != nil {
		return fmt.Errorf("cut torn journal frame: %w", err)
	}
	return nil
}

func replayBlock(c *chain, body []byte) error {
	if len(body) < frameFixed {
		return fmt.Errorf("%w: short frame", errJournal)
	}
	s := newStaged(binary.LittleEndian.Uint64(body), int64(binary.LittleEndian.Uint64(body[8:])))
	if s.slot != c.head().slot+1 {
		return fmt.Errorf("%w: slot %d after %d", errJournal, s.slot, c.head().slot)
	}
	var entries []journalEntry
	if len(body) > frameFixed {
		if err := json.Unmarshal(body[frameFixed:], &entries); err != nil {
			return fmt.Errorf("read block %d: %w", s.slot, err)
		}
	}
	for _, e := range entries {
		tx, err := parseTransaction(e.Raw)
		if err != nil {
			return fmt.Errorf("read block %d: %w", s.slot, err)
		}
		tx.verified = true // it was, before it landed
		landed := len(s.records)
		c.stage(s, tx)
		if len(s.records) == landed {
			return fmt.Errorf("%w: %s in slot %d would not land now", errJournal, tx.id(), s.slot)
		}
		end, err := endOf(s.records[landed])
		if err != nil {
			return err
		}
		if !bytes.Equal(end, e.Err) {
			return fmt.Errorf("%w: %s in slot %d ended with %s, now with %s", errJournal, tx.id(), s.slot, e.Err, end)
		}
	}
	c.apply(s)
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return errors.Join(j.f.Sync(), j.f.Close())
}
