package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/openremit/remit"
	"github.com/openremit/remit/api"
	"github.com/openremit/remit/compliance"
	"github.com/openremit/remit/compliance/policy"
	"github.com/openremit/remit/store"
)

// listsPoll is how often the folder of the lists is looked at.
const listsPoll = 2 * time.Second

// watch takes the lists of the folder into use whenever its files change, as
// when another process updated them, or an operator put a list of one's own
// there. What cannot be read changes nothing and is logged.
func (l *sanctionsLists) watch(ctx context.Context, log *slog.Logger) error {
	ticker := time.NewTicker(listsPoll)
	defer ticker.Stop()
	used, seen := l.files(log), ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := l.files(log)
		settled := now == seen // A file that is being written is let be until it is whole.
		seen = now
		if now == used || !settled {
			continue
		}
		used = now
		l.reload(ctx, log)
	}
}

// reload takes the lists of the folder into use, or tells why it does not.
func (l *sanctionsLists) reload(ctx context.Context, log *slog.Logger) {
	before := l.Index()
	changed, err := l.Reload(os.DirFS(l.dir))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		log.ErrorContext(ctx, "the lists of the folder are not taken into use", "err", err)
		l.known.trouble(api.ListTrouble{Kind: api.ListRefused, Message: strings.TrimPrefix(err.Error(), "read lists: "), At: l.clock.Now()})
	default:
		l.known.settle("")
		l.taken(ctx, before)
		if changed {
			log.InfoContext(ctx, "the lists of the folder are in use", "lists", l.Versions())
		}
	}
}

// files tells the states of the folder apart: names, sizes and times.
func (l *sanctionsLists) files(log *slog.Logger) string {
	var b strings.Builder
	err := filepath.WalkDir(l.dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		log.Error("the folder of the lists cannot be read", "err", err)
	}
	return b.String()
}

// openRescreener makes what compares parties with the lists again.
func openRescreener(db *store.Store, lists *sanctionsLists, rules *policy.Policy, gate compliance.Decider, clock remit.Clock, log *slog.Logger, registry prometheus.Registerer,
) (*compliance.Rescreener, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("name this process: %w", err)
	}
	r, err := compliance.NewRescreener(compliance.RescreenerOptions{
		Store: db, Screener: lists, ListsVersion: gate.ListsVersion, Thresholds: rules.Thresholds, Clock: clock,
		Holder: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()), Logger: log, Metrics: registry, Changed: db.PartyChanged(),
	})
	if err != nil {
		return nil, fmt.Errorf("make the rescreener: %w", err)
	}
	return r, nil
}
