package horizon

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// journal is the file of all ledgers: a line that names the network, then a line for each ledger with the envelopes it
// took. Applying them again gives the same ledger, so nothing else is kept.
type journal struct {
	file *os.File
	// offset is the end of the last whole line. A line that could not be written whole is cut off again.
	offset int64
}

type journalHead struct {
	Version     int    `json:"version"`
	Passphrase  string `json:"passphrase"`
	BaseReserve int64  `json:"base_reserve"`
}

type journalLine struct {
	Ledger    uint32   `json:"ledger"`
	Time      int64    `json:"time"`
	BaseFee   int64    `json:"base_fee"`
	Envelopes []string `json:"tx,omitempty"`
}

const journalVersion = 1

var errOtherNetwork = errors.New("the file belongs to another network")

func (s *Server) openJournal() error {
	file, err := os.OpenFile(s.opt.StatePath, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	s.journal = &journal{file: file}
	if err := s.replay(); err != nil {
		return errors.Join(err, file.Close())
	}
	return nil
}

// replay applies the file's ledgers. A last line without its end was being written when the process died: nobody was
// answered for it, and it is cut off.
func (s *Server) replay() error {
	head := journalHead{Version: journalVersion, Passphrase: s.opt.NetworkPassphrase, BaseReserve: s.opt.BaseReserve}
	r := bufio.NewReaderSize(s.journal.file, 1<<20)
	for n := 0; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", n+1, err)
		}
		if n == 0 {
			err = checkHead(line, head)
		} else {
			err = s.replayLine(line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n+1, err)
		}
		s.journal.offset += int64(len(line))
	}
	if s.journal.offset == 0 {
		return s.journal.append(head, true)
	}
	return s.journal.file.Truncate(s.journal.offset)
}

func checkHead(line []byte, want journalHead) error {
	var got journalHead
	if err := json.Unmarshal(line, &got); err != nil {
		return fmt.Errorf("decode head: %w", err)
	}
	if got != want {
		return errOtherNetwork
	}
	return nil
}

func (s *Server) replayLine(line []byte) error {
	var l journalLine
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("decode ledger: %w", err)
	}
	if l.Ledger != s.state.now.ledger+1 {
		return fmt.Errorf("ledger %d follows %d", l.Ledger, s.state.now.ledger)
	}
	set := ledgerSet{seq: l.Ledger, time: l.Time, baseFee: l.BaseFee}
	for _, envelope := range l.Envelopes {
		tx, err := parseTransaction(envelope, s.opt.NetworkPassphrase)
		if err != nil {
			return err
		}
		tx.trusted = true
		set.txs = append(set.txs, tx)
	}
	for _, rec := range s.applyLedger(set) {
		s.queue.applied(rec, set.seq)
	}
	return nil
}

// write puts a ledger into the file, and on disk if it holds transactions. An empty one survives the death of the
// process, though not of the machine; nothing depends on it.
func (j *journal) write(set ledgerSet) error {
	line := journalLine{Ledger: set.seq, Time: set.time, BaseFee: set.baseFee}
	for _, tx := range set.txs {
		line.Envelopes = append(line.Envelopes, tx.envelope)
	}
	return j.append(line, len(set.txs) > 0)
}

func (j *journal) append(v any, sync bool) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if _, err := j.file.WriteAt(buf.Bytes(), j.offset); err != nil {
		return errors.Join(fmt.Errorf("write: %w", err), j.file.Truncate(j.offset))
	}
	if sync {
		if err := j.file.Sync(); err != nil {
			return errors.Join(fmt.Errorf("sync: %w", err), j.file.Truncate(j.offset))
		}
	}
	j.offset += int64(buf.Len())
	return nil
}

func (j *journal) close() error { return errors.Join(j.file.Sync(), j.file.Close()) }
