package compliance_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/screening"
)

// TestRescreenSpeed measures how fast parties are compared with all lists. It
// asserts nothing but that it works.
func TestRescreenSpeed(t *testing.T) {
	if os.Getenv("REMIT_BENCH_SCREENING") == "" {
		t.Skip("REMIT_BENCH_SCREENING is not set")
	}
	dir := os.Getenv("REMIT_LISTS")
	if dir == "" {
		t.Skip("REMIT_LISTS is not set to a folder of list files")
	}
	d := newDesk(t)
	index, err := screening.Load(os.DirFS(dir))
	d.must(err)
	given := []string{"Maria", "José", "Wei", "Fatima", "John", "Anna", "Olga", "Rajesh", "Kwame", "Yuki", "Ahmed", "Lucía", "Pierre", "Thandiwe", "Ivan", "Mei"}
	family := []string{"Santos", "García", "Chen", "Hassan", "Smith", "Kowalska", "Petrova", "Sharma", "Mensah", "Tanaka", "Ali", "Fernández", "Dubois", "Moyo", "Horvat", "Lin", "Nguyen", "Okafor", "Müller", "Silva", "Rossi", "Haddad", "Kim"}
	middle := []string{"", "Clara", "Luis", "Noor", "James", "Ewa", "Lakshmi", "Kofi", "Haruto"}
	const parties = 10_000
	for i := range parties {
		d.customer(strings.TrimSpace(given[i%len(given)]+" "+middle[i/7%len(middle)]), family[i/3%len(family)])
	}
	d.lists.Index = index
	worker, err := compliance.NewRescreener(compliance.RescreenerOptions{
		Store: d.store, Screener: d.lists, ListsVersion: func() string { return "all" }, Thresholds: func() compliance.Thresholds { return compliance.Thresholds{Default: 8_500} },
		Clock: d.clock, Holder: "one",
	})
	d.must(err)
	started := time.Now()
	d.must(worker.Pass(d.ctx))
	took := time.Since(started)
	done, err := d.store.NewestRescreen(d.ctx)
	d.must(err)
	t.Logf("%d parties in %s, %d a second on one core; %d alerted, %d unscreened", done.Screened, took.Round(time.Millisecond),
		int(float64(done.Screened)/took.Seconds()), done.Alerted, done.Unscreened)
}
