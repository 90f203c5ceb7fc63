package bank

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// The journal is a text file of lines, each a CRC-32 in eight hex digits, a
// space and a JSON record; the first is the header. A last line that is cut
// short or does not match its checksum was torn by a crash before anybody was
// told of it: it is cut off. Damage before the end is an error.
const (
	journalVersion  = 1
	journalFileMode = 0o600
	crcDigits       = 8
)

var (
	errJournal = errors.New("journal does not replay")
	errClosed  = errors.New("the bank is closed")
)

// record is one line: what changed together.
type record struct {
	Version   int        `json:"version,omitempty"`
	Entry     *entry     `json:"entry,omitempty"`
	Movements []Movement `json:"movements,omitempty"`
	Callbacks []callback `json:"callbacks,omitempty"`
	// Delivered is a callback that was answered.
	Delivered *delivery `json:"delivered,omitempty"`
}

// journal appends records and syncs them in groups: while one sync runs, the
// records of all other callers gather for the next. Without a file it keeps
// nothing and every record counts as synced.
type journal struct {
	f    *os.File
	done chan struct{}

	mu       sync.Mutex
	changed  *sync.Cond
	waiting  []byte
	appended uint64
	synced   uint64
	err      error
	closing  bool
}

// openJournal opens or makes the file and replays its records.
func openJournal(path string, replay func(record) error) (*journal, error) {
	j := &journal{done: make(chan struct{})}
	j.changed = sync.NewCond(&j.mu)
	if path == "" {
		close(j.done)
		return j, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make journal folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, journalFileMode)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if err := lockFile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s is in use: %w", path, err), f.Close())
	}
	fresh, err := readJournal(f, replay)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("replay %s: %w", path, err), f.Close())
	}
	j.f = f
	go j.sync()
	if fresh {
		if err := j.wait(j.append(record{Version: journalVersion})); err != nil {
			return nil, errors.Join(err, j.close())
		}
	}
	return j, nil
}

// readJournal replays every whole line and cuts off a torn one.
func readJournal(f *os.File, replay func(record) error) (fresh bool, err error) {
	info, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("read journal: %w", err)
	}
	in, at := bufio.NewReader(f), int64(0)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return false, fmt.Errorf("read journal: %w", err)
		}
		if len(line) == 0 {
			break
		}
		r, ok := parseLine(line)
		if !ok {
			if at+int64(len(line)) < info.Size() {
				return false, fmt.Errorf("%w: damaged at byte %d", errJournal, at)
			}
			break
		}
		if at == 0 && r.Version != journalVersion {
			return false, fmt.Errorf("%w: it has version %d, this is version %d", errJournal, r.Version, journalVersion)
		}
		if err := replay(r); err != nil {
			return false, err
		}
		at += int64(len(line))
	}
	if err := f.Truncate(at); err != nil {
		return false, fmt.Errorf("cut torn journal line: %w", err)
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return false, fmt.Errorf("end of journal: %w", err)
	}
	return at == 0, nil
}

func parseLine(line []byte) (record, bool) {
	var r record
	body, whole := bytes.CutSuffix(line, []byte("\n"))
	if !whole || len(body) < crcDigits+1 || string(body[:crcDigits]) != checksum(body[crcDigits+1:]) {
		return r, false
	}
	return r, json.Unmarshal(body[crcDigits+1:], &r) == nil
}

func checksum(b []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(b)) }

// append adds a record and returns its number, for wait. The caller holds the
// lock that orders the changes.
func (j *journal) append(r record) uint64 {
	body, err := json.Marshal(r)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.appended++
	switch {
	case err != nil:
		j.err = errors.Join(j.err, fmt.Errorf("encode journal record: %w", err))
	case j.f == nil:
		j.synced = j.appended
	default:
		j.waiting = append(j.waiting, checksum(body)...)
		j.waiting = append(j.waiting, ' ')
		j.waiting = append(append(j.waiting, body...), '\n')
	}
	j.changed.Broadcast()
	return j.appended
}

// wait returns once the record and all before it are synced, or with the error
// that broke the journal.
func (j *journal) wait(number uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.synced < number && j.err == nil {
		j.changed.Wait()
	}
	return j.err
}

// last is the number of the newest record.
func (j *journal) last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.appended
}

// sync writes what gathers, until the journal closes or breaks.
func (j *journal) sync() {
	defer close(j.done)
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.err == nil {
		for len(j.waiting) == 0 && !j.closing {
			j.changed.Wait()
		}
		if len(j.waiting) == 0 {
			return
		}
		batch, number := j.waiting, j.appended
		j.waiting = nil
		j.mu.Unlock()
		_, err := j.f.Write(batch)
		if err == nil {
			err = j.f.Sync()
		}
		j.mu.Lock()
		if err != nil {
			j.err = fmt.Errorf("write journal: %w", err)
		} else {
			j.synced = number
		}
		j.changed.Broadcast()
	}
}

// close syncs what was appended and closes the file; later waits err.
func (j *journal) close() error {
	j.mu.Lock()
	if j.closing {
		j.mu.Unlock()
		return nil
	}
	j.closing = true
	j.changed.Broadcast()
	j.mu.Unlock()
	<-j.done
	j.mu.Lock()
	defer j.mu.Unlock()
	err := j.err
	j.err = errors.Join(j.err, errClosed)
	j.changed.Broadcast()
	if j.f == nil {
		return err
	}
	return errors.Join(err, j.f.Close())
}
