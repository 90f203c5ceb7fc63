package horizon

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/stellar/go-stellar-sdk/support/render/hal"
)

// pageOrStream answers with one page, or where the caller accepts an event stream, with all there is from the cursor
// on and then each ledger's news.
func (s *Server) pageOrStream(w http.ResponseWriter, r *http.Request, list func(pageQuery) ([]hal.Pageable, error)) error {
	q, err := s.readPage(r)
	if err != nil {
		return err
	}
	if !strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		records, err := list(q)
		if err != nil {
			return err
		}
		writePage(w, r, q, records)
		return nil
	}
	return s.stream(w, r, q, list)
}

func (s *Server) stream(w http.ResponseWriter, r *http.Request, q pageQuery, list func(pageQuery) ([]hal.Pageable, error)) error {
	q.desc, q.limit = false, maxLimit
	started := false
	flush := http.NewResponseController(w)
	for {
		s.mu.RLock()
		closing := s.closing
		s.mu.RUnlock()
		records, err := list(q)
		if err != nil && !started {
			return err
		}
		if err != nil {
			return nil // the stream has begun; its end says enough
		}
		if !started {
			openStream(w)
			started = true
		}
		if q.after, err = writeEvents(w, q.after, records); err != nil {
			return nil
		}
		_ = flush.Flush() // the next write finds a broken connection
		if len(records) == q.limit {
			continue
		}
		select {
		case <-closing:
		case <-s.done:
			fmt.Fprint(w, "retry: 10\nevent: close\ndata: \"byebye\"\n\n")
			return nil
		case <-r.Context().Done():
			return nil
		}
	}
}

func openStream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	fmt.Fprint(w, "retry: 1000\nevent: open\ndata: \"hello\"\n\n")
}

func writeEvents(w http.ResponseWriter, after int64, records []hal.Pageable) (int64, error) {
	for _, rec := range records {
		body, err := json.Marshal(rec)
		if err != nil {
			return after, err
		}
		if _, err := fmt.Fprintf(w, "id: %s\ndata: %s\n\n", rec.PagingToken(), body); err != nil {
			return after, err
		}
		if after, err = strconv.ParseInt(rec.PagingToken(), 10, 64); err != nil {
			return after, err
		}
	}
	return after, nil
}
