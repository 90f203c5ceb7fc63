package layout_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/openremit/remit"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// ban keeps a room from importing something.
type ban struct {
	room string // the folder, "" for the root package; covers folders below it
	// not lists import path prefixes; within the module they start with "./".
	not []string
	// but lists exceptions, as not.
	but []string
	why string
}

var siblings = []string{"./corridors", "./compliance", "./ramps", "./settlement", "./ledger"}

func bans() []ban {
	all := []ban{
		{"", []string{"."}, nil, "the nouns depend on nothing but the standard library"},
		{"workflows", []string{"./store", "./api", "./proto", "./portal", "./devnet", "./cmd", "net/http", "database/sql"}, nil,
			"the story must run and replay without databases, servers or pages"},
		{"api", []string{"./store", "./devnet", "./cmd", "database/sql"}, nil, "the API knows the store by its interface"},
		{"store", []string{"./devnet", "./cmd", "./proto", "net/http"}, nil, "the store keeps; it neither serves nor calls"},
		{"devnet", []string{"./store", "./api", "./workflows", "./ledger", "./corridors", "./compliance", "./ramps", "./settlement", "./proto", "./cmd"}, nil,
			"a counterpart that shares code with the product proves nothing"},
		{"settlement/stellar", []string{"./settlement/solana"}, nil, "rails do not know each other"},
		{"settlement/solana", []string{"./settlement/stellar"}, nil, "rails do not know each other"},
		{"cmd/remit", []string{"./store", "./workflows", "./settlement", "./ramps", "./ledger", "./compliance", "./corridors", "./devnet"},
			[]string{"./compliance/screening", "./settlement"}, "the client has no power the API lacks; remit screen and settlement verify ask no gateway"},
	}
	all = append(all, ban{"portal", append([]string{"./store", "./api", "./workflows", "./devnet", "./cmd", "./internal", "database/sql"}, siblings...), nil,
		"a page has no power that the API lacks: it holds a connection, not tables"})
	for _, room := range siblings {
		name := strings.TrimPrefix(room, "./")
		all = append(all, ban{
			name, append([]string{"./store", "./api", "./workflows", "./proto", "./portal", "./devnet", "./cmd", "database/sql"}, siblings...),
			[]string{room}, "rooms side by side share the nouns, not each other",
		})
	}
	return all
}

func TestImportRules(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		for _, b := range bans() {
			if room != b.room && (b.room == "" || !strings.HasPrefix(room, b.room+"/")) {
				continue
			}
			for _, imported := range p.Imports {
				if banned(b, imported) {
					t.Errorf("%s imports %s: %s", p.ImportPath, imported, b.why)
				}
			}
		}
	}
}

// TestOnlyCommandsAndTestsOpenTheStore: everybody else knows it by an interface.
func TestOnlyCommandsAndTestsOpenTheStore(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if strings.HasPrefix(room, "cmd/") || strings.HasPrefix(room, "store") || strings.HasPrefix(room, "internal/") {
			continue
		}
		for _, imported := range p.Imports {
			if imported == module+"/store" || imported == "database/sql" {
				t.Errorf("%s imports %s: only commands and tests open the store", p.ImportPath, imported)
			}
		}
	}
}

// TestCommandsAreImportedByNobody: what others need of a command belongs in a room.
func TestCommandsAreImportedByNobody(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, imported := range append(append(p.Imports, p.TestImports...), p.XTestImports...) {
			if strings.HasPrefix(imported, module+"/cmd/") {
				t.Errorf("%s imports the command %s", p.ImportPath, imported)
			}
		}
	}
}

// banned reports whether the rule forbids an import. "." stands for whatever
// is not the standard library.
func banned(b ban, imported string) bool {
	own := strings.Replace(imported, module, ".", 1)
	for _, prefix := range b.but {
		if own == prefix || strings.HasPrefix(own, prefix+"/") {
			return false
		}
	}
	for _, prefix := range b.not {
		if prefix == "." && strings.Contains(strings.Split(imported, "/")[0], ".") {
			return true
		}
		if own == prefix || strings.HasPrefix(own, prefix+"/") {
			return true
		}
	}
	return false
}

func packages(t *testing.T) []pkg {
	t.Helper()
	command := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", module+"/...")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all = append(all, p)
	}
}

// TestBansBite proves that the rules can fail.
func TestBansBite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		room, imported string
		want           bool
	}{
		{"", "github.com/google/uuid", true},
		{"", "net/netip", false},
		{"ledger", module + "/ramps", true},
		{"ledger", module + "/ledger/x", false},
		{"settlement", module + "/settlement/stellar", false},
		{"workflows", "net/http", true},
		{"devnet", module + "/settlement", true},
		{"portal", module + "/compliance", true},
		{"portal", module + "/api", true},
		{"portal", module + "/proto/remit/v1", false},
	} {
		got := false
		for _, b := range bans() {
			got = got || (b.room == c.room && banned(b, c.imported))
		}
		if got != c.want {
			t.Errorf("%q importing %s: banned %v, want %v", c.room, c.imported, got, c.want)
		}
	}
}
