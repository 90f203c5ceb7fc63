package horizon

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/stellar/go-stellar-sdk/support/render/hal"
)

const (
	defaultLimit = 10
	maxLimit     = 200
)

// pageQuery is which part of a list is asked for.
type pageQuery struct {
	cursor string
	after  int64 // the cursor as a number
	limit  int
	desc   bool
}

// readPage reads the paging parameters. A cursor of now is the end of what has happened.
func (s *Server) readPage(r *http.Request) (pageQuery, error) {
	q := pageQuery{limit: defaultLimit}
	v := r.URL.Query()
	switch v.Get("order") {
	case "", "asc":
	case "desc":
		q.desc = true
	default:
		return q, badField("order", "order: invalid value")
	}
	if text := v.Get("limit"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
			return q, badField("limit", "invalid limit: unparseable value provided")
		case n <= 0:
			return q, badField("limit", "invalid limit: non-positive value provided")
		case n > maxLimit:
			return q, badField("limit", "invalid limit: value provided that is over limit max of 200")
		}
		q.limit = int(n)
	}
	q.cursor = v.Get("cursor")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		q.cursor = last
	}
	switch q.cursor {
	case "":
		if q.desc {
			q.after = maxInt64
		}
	case "now":
		s.mu.RLock()
		now := s.history.last()
		s.mu.RUnlock()
		q.cursor = decimal(now.id() + 1<<32 - 1)
		q.after = now.id() + 1<<32 - 1
	default:
		n, err := strconv.ParseInt(q.cursor, 10, 64)
		if err != nil || n < 0 {
			return q, badField("cursor", "cursor: invalid value")
		}
		q.after = n
	}
	return q, nil
}

// take picks the page out of a list that is in order of id.
func take[T any](q pageQuery, list []T, id func(T) int64, keep func(T) bool) []T {
	var out []T
	start, _ := slices.BinarySearchFunc(list, q.after, func(v T, after int64) int {
		if id(v) <= after {
			return -1
		}
		return 1
	})
	if q.desc {
		for start > 0 && id(list[start-1]) >= q.after {
			start--
		}
		for i := start - 1; i >= 0 && len(out) < q.limit; i-- {
			if keep(list[i]) {
				out = append(out, list[i])
			}
		}
		return out
	}
	for i := start; i < len(list) && len(out) < q.limit; i++ {
		if keep(list[i]) {
			out = append(out, list[i])
		}
	}
	return out
}

// writePage writes a page with links to itself, the next and the one before.
func writePage(w http.ResponseWriter, r *http.Request, q pageQuery, records []hal.Pageable) {
	page := hal.Page{Cursor: q.cursor, Order: "asc", Limit: uint64(q.limit)}
	if q.desc {
		page.Order = "desc"
	}
	page.FullURL = &url.URL{Scheme: base(r).Scheme, Host: r.Host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}
	page.Init()
	for _, rec := range records {
		page.Add(rec)
	}
	page.PopulateLinks()
	writeJSON(w, http.StatusOK, typeHAL, page)
}

// writeList writes records that do not page.
func writeList(w http.ResponseWriter, records []hal.Pageable) {
	page := hal.BasePage{}
	page.Init()
	for _, rec := range records {
		page.Add(rec)
	}
	writeJSON(w, http.StatusOK, typeHAL, page)
}
