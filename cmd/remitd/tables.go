package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/openremit/remit"
	"github.com/openremit/remit/settlement"
	"github.com/openremit/remit/settlement/signer"
)

// tablesFile keeps, in the data folder, which lookup tables the treasuries have.
const tablesFile = "solana-tables.json"

// tableLost is after how long a table that was to be made, and is not on chain,
// is made anew: the transaction has expired long before.
const tableLost = 5 * time.Minute

// keptTable is a lookup table as it is remembered. The chain lets a table only
// grow, so what is remembered of its entries holds for ever.
type keptTable struct {
	Cluster  string    `json:"cluster"`
	Treasury string    `json:"treasury"`
	Address  string    `json:"address"`
	MadeAt   time.Time `json:"made_at"`
	Entries  []string  `json:"entries"`
}

func (k keptTable) table() settlement.LookupTable {
	return settlement.LookupTable{Address: k.Address, Entries: k.Entries}
}

// tableRail is what a keeper asks of the Solana rail.
type tableRail interface {
	MakeTable(ctx context.Context) (string, error)
	UseTable(address string) error
	LookupTable(ctx context.Context) (settlement.LookupTable, error)
	TendTable(ctx context.Context) (int, error)
}

// tableKeeper makes the Solana treasury's lookup table once, finds it again
// after a restart, tends it, and tells the signer of it. The rail pays without
// one meanwhile.
type tableKeeper struct {
	path              string
	cluster, treasury string
	every             time.Duration
	clock             remit.Clock
	log               *slog.Logger
	// pin tells the signer.
	pin  func(signer.TablePin)
	rail tableRail

	kept keptTable
	// others are the tables of other clusters and treasuries.
	others []keptTable
}

// openTableKeeper reads what is remembered, and tells the signer of it.
func openTableKeeper(k tableKeeper) (*tableKeeper, error) {
	text, err := os.ReadFile(k.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the lookup tables: %w", err)
	}
	var list []keptTable
	if err == nil {
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, fmt.Errorf("read the lookup tables in %s: %w; restore the file, or remove it and another table is made", k.path, err)
		}
	}
	for _, t := range list {
		if t.Cluster == k.cluster && t.Treasury == k.treasury {
			k.kept = t
			continue
		}
		k.others = append(k.others, t)
	}
	if k.kept.Address != "" {
		k.pin(signer.Pin(k.kept.table()))
	}
	return &k, nil
}

// keep remembers the address of a table that is about to be made.
func (k *tableKeeper) keep(address string) error {
	return k.remember(keptTable{Cluster: k.cluster, Treasury: k.treasury, Address: address, MadeAt: k.clock.Now(), Entries: []string{}})
}

func (k *tableKeeper) remember(t keptTable) error {
	text, err := json.MarshalIndent(append(slices.Clone(k.others), t), "", "  ")
	if err != nil {
		return fmt.Errorf("encode the lookup tables: %w", err)
	}
	if err := writeFileAtomic(k.path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the lookup tables: %w", err)
	}
	k.kept = t
	return nil
}

// run looks after the table until ctx ends. What goes wrong is tried again.
func (k *tableKeeper) run(ctx context.Context) error {
	ticker := time.NewTicker(k.every)
	defer ticker.Stop()
	told := ""
	for {
		err := k.look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			told = ""
		case err.Error() != told:
			told = err.Error()
			k.log.Warn("look after the Solana lookup table; payments go without it meanwhile", "table", k.kept.Address, "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// look does what is due.
func (k *tableKeeper) look(ctx context.Context) error {
	if k.kept.Address == "" {
		return k.makeTable(ctx)
	}
	shown, err := k.rail.LookupTable(ctx)
	if remit.KindOf(err) == remit.KindPrecondition {
		// Maybe not final yet. One that was pinned with entries was there once.
		if k.clock.Now().Sub(k.kept.MadeAt) < tableLost {
			return nil
		}
		if len(k.kept.Entries) > 0 {
			return fmt.Errorf("the table was closed or deactivated: remove %s and another one is made: %w", k.path, err)
		}
		return k.makeTable(ctx)
	}
	if err != nil {
		return err
	}
	if err := k.know(shown); err != nil {
		return err
	}
	sent, err := k.rail.TendTable(ctx)
	if sent > 0 {
		k.log.Info("Solana lookup table grows", "table", k.kept.Address, "entries", len(shown.Entries), "more", sent)
	}
	return err
}

func (k *tableKeeper) makeTable(ctx context.Context) error {
	address, err := k.rail.MakeTable(ctx)
	if err != nil {
		return fmt.Errorf("make a lookup table: %w", err)
	}
	k.log.Info("Solana lookup table is being made", "table", address)
	return k.rail.UseTable(address)
}

// know remembers the entries of the table and tells the signer, unless they
// contradict those that are known.
func (k *tableKeeper) know(shown settlement.LookupTable) error {
	if known := len(k.kept.Entries); len(shown.Entries) < known || !slices.Equal(shown.Entries[:known], k.kept.Entries) {
		return fmt.Errorf("a node shows %d entries that are not the %d known ones: tables only grow, so the node is wrong or behind", len(shown.Entries), known)
	}
	if len(shown.Entries) == len(k.kept.Entries) {
		return nil
	}
	next := k.kept
	next.Entries = shown.Entries
	if err := k.remember(next); err != nil {
		return err
	}
	k.pin(signer.Pin(shown))
	return k.rail.UseTable(shown.Address) // What it read of it before is older than the pin.
}
