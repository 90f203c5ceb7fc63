package bank_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/devnet/bank"
)

// childJournal names the journal in the environment of the test binary when it
// is started again as a bank that is going to be killed.
const childJournal = "BANK_TEST_JOURNAL"

func TestMain(m *testing.M) {
	if path := os.Getenv(childJournal); path != "" {
		if err := child(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child serves a bank and says where, until it is killed.
func child(path string) error {
	b, err := bank.New(bank.Options{APIKey: testKey, StatePath: path, Clock: remit.SystemClock{}})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	server := &http.Server{Handler: b.Handler(), ReadHeaderTimeout: time.Minute}
	return server.Serve(l)
}

// TestKilledBankResumes kills a bank's process while callers submit: all that
// was answered is there afterwards, and all that was not may be repeated.
func TestKilledBankResumes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bank.journal")
	answered := map[string]string{}
	var mu sync.Mutex
	const rounds, callers, enough = 3, 4, 40
	for round := range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childJournal+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		address, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		url := "http://" + strings.TrimSpace(address)
		var kill sync.Once
		var all sync.WaitGroup
		count := 0
		for c := range callers {
			all.Go(func() {
				for i := 0; ; i++ {
					reference := fmt.Sprintf("r%d-c%d-%d", round, c, i)
					got, err := call(t, http.DefaultClient, url, "POST", "/v1/orders", payOut(reference, "1234567890"))
					if err != nil {
						return // it was killed
					}
					mu.Lock()
					answered[reference] = got.ID
					count++
					last := count >= enough
					mu.Unlock()
					if last {
						kill.Do(func() {
							if err := cmd.Process.Kill(); err != nil {
								t.Error(err)
							}
						})
					}
				}
			})
		}
		all.Wait()
		if err := cmd.Wait(); err == nil {
			t.Fatal("the process ended by itself")
		}
	}
	e := setup(t, bank.Options{StatePath: path})
	for reference, id := range answered {
		got := e.submit(payOut(reference, "1234567890"))
		if got.status != http.StatusOK || got.ID != id {
			t.Fatalf("order %s was answered as %s and is now %d %s", reference, id, got.status, got.ID)
		}
	}
	if moved, orders := len(e.bank.Books().Movements), len(e.bank.Orders()); moved != orders || orders < len(answered) {
		t.Errorf("%d movements, %d orders, %d answered", moved, orders, len(answered))
	}
}

// TestJournalReplays: every kind of change comes back from the journal.
func TestJournalReplays(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bank.journal")
	e := setup(t, bank.Options{StatePath: path, Settle: time.Minute})
	e.submit(payIn("a", "tok_ok"))
	e.submit(payIn("b", "tok_charged_back"))
	e.submit(payOut("c", "1234560006"))
	e.submit(payOut("d", "1234560001"))
	e.submit(cash("e", "code"))
	e.submit(payOut("f", "1234567890"))
	e.must("POST", "/v1/orders/f/cancel", nil)
	e.must("POST", "/v1/orders/g/cancel", nil)
	e.must("POST", "/v1/orders/e/collect", map[string]string{"pickup_code": "wrong"})
	e.clock.Advance(time.Minute)
	e.bank.Tick()
	e.submit(refund("h", "a", 1_000))
	if err := e.bank.Close(); err != nil {
		t.Fatal(err)
	}
	again := setup(t, bank.Options{StatePath: path, Settle: time.Minute, Clock: e.clock})
	if got, want := again.bank.Orders(), e.bank.Orders(); !reflect.DeepEqual(got, want) {
		t.Errorf("orders\n got %+v\nwant %+v", got, want)
	}
	if got, want := again.bank.Books(), e.bank.Books(); !reflect.DeepEqual(got, want) {
		t.Errorf("books\n got %+v\nwant %+v", got, want)
	}
	// What was due goes on: the refund settles, the card is charged back.
	e.clock.Advance(time.Minute)
	again.bank.Tick()
	again.want("refund", again.lookup("h"), 200, bank.StatusSucceeded)
	again.want("charged back", again.lookup("b"), 200, bank.StatusFailed)
	again.want("cash", again.must("POST", "/v1/orders/e/collect", map[string]string{"pickup_code": "code"}), 200, bank.StatusSucceeded)
}

func TestJournalIsLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bank.journal")
	setup(t, bank.Options{StatePath: path})
	if b, err := bank.New(bank.Options{APIKey: testKey, StatePath: path}); err == nil {
		t.Errorf("a second bank opened the journal: %v", b.Close())
	}
}

// TestJournalHoldsNoPersonalData: names, numbers and codes are not written.
func TestJournalHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bank.journal")
	e := setup(t, bank.Options{StatePath: path})
	r := cash("a", "PICKUP-77")
	r.Account = map[string]string{"account_number": "5566778899"}
	e.submit(r)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Maria", "Santos", "9171234567", "PICKUP-77", "5566778899"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the journal holds %q", secret)
		}
	}
}

func TestDamagedJournals(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bank.journal")
	e := setup(t, bank.Options{StatePath: path})
	for i := range 3 {
		e.submit(payOut(fmt.Sprint("order", i), "1234567890"))
	}
	if err := e.bank.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lastLine := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	const version2 = `{"version":2}`
	tests := map[string]struct {
		text   []byte
		orders int // -1 when it must not open
	}{
		"whole":               {whole, 3},
		"last byte torn":      {whole[:len(whole)-1], 2},
		"last line torn":      {whole[:lastLine+10], 2},
		"last line altered":   {bytes.Replace(whole, []byte(`"order2"`), []byte(`"order9"`), 1), 2},
		"middle line altered": {bytes.Replace(whole, []byte(`"order1"`), []byte(`"order9"`), 1), -1},
		"empty":               {nil, 0},
		"only a torn header":  {whole[:5], 0},
		"another file":        {[]byte("hello\nworld\n"), -1},
		"another version":     {fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE([]byte(version2)), version2), -1},
	}
	for name, c := range tests {
		copied := filepath.Join(t.TempDir(), "copy.journal")
		if err := os.WriteFile(copied, c.text, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := bank.New(bank.Options{APIKey: testKey, StatePath: copied})
		if (err != nil) != (c.orders < 0) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err != nil {
			continue
		}
		if got := len(b.Orders()); got != c.orders {
			t.Errorf("%s: %d orders, want %d", name, got, c.orders)
		}
		if err := b.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestClosedBankAnswersNothing: an answer after the journal is closed would be
// one that nobody remembers.
func TestClosedBankAnswersNothing(t *testing.T) {
	t.Parallel()
	e := setup(t, bank.Options{StatePath: filepath.Join(t.TempDir(), "bank.journal")})
	if err := e.bank.Close(); err != nil {
		t.Fatal(err)
	}
	e.want("after the end", e.submit(payOut("a", "1234567890")), 503, "unavailable")
	if err := e.bank.Run(context.Background()); err != nil {
		t.Error(err)
	}
}
