package e2e_test

import (
	"context"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestOnPostgres runs the gateway on PostgreSQL: both rails, a refund, a crash.
func TestOnPostgres(t *testing.T) {
	t.Parallel()
	g := start(t, "--database", freshDatabase(t))
	ids := []string{g.send(order{rail: "stellar"}), g.send(order{rail: "solana", payout: "bank"})}
	refunded := g.send(order{beneficiaryPhone: "+639171230006"})
	g.Kill()
	g.Run()
	for _, id := range ids {
		g.reaches(id, "completed")
		g.hasGaplessEvents(id)
	}
	wants(t, g.reaches(refunded, "refunded"), "returned", "PAYOUT_REJECTED")
	g.booksAgree()
}

// freshDatabase makes a database of its own for the test and drops it afterwards.
func freshDatabase(t *testing.T) string {
	t.Helper()
	server := os.Getenv("REMIT_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("REMIT_REQUIRE_POSTGRES") != "" {
			t.Fatal("REMIT_TEST_POSTGRES is not set and PostgreSQL is required")
		}
		t.Skip("no PostgreSQL: set REMIT_TEST_POSTGRES to its address")
	}
	name := "remit_e2e_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	administer(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { administer(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}

func administer(t *testing.T, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}
