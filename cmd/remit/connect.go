package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// app is one run of the command.
type app struct {
	getenv      func(string) string
	out, errOut io.Writer

	address, key, idempotencyKey string
	plaintext, json              bool
	// second says to act as the development gateway's second officer.
	second bool

	conn *grpc.ClientConn
}

// demoFile is where `remitd dev` says how to reach it.
const demoFile = ".dev/demo.json"

// connect finds the gateway and the key and makes the connection; nothing is
// sent yet.
func (a *app) connect() error {
	if a.conn != nil {
		return nil
	}
	if err := a.find(); err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(a.address)
	if err != nil {
		return usagef("the gateway's address %q is not host:port, such as 127.0.0.1:9090", a.address)
	}
	transport := credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	if ip := net.ParseIP(host); a.plaintext || host == "localhost" || (ip != nil && ip.IsLoopback()) {
		transport = insecure.NewCredentials()
	}
	a.conn, err = grpc.NewClient(a.address, grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)))
	if err != nil {
		return fmt.Errorf("connect to %s: %w", a.address, err)
	}
	return nil
}

// maxAnswer is the largest answer that is taken: a case's document of 5 MiB.
const maxAnswer = 6 << 20

// find fills the address and the key: flags first, then the environment, then
// the file that `remitd dev` wrote.
func (a *app) find() error {
	if a.address == "" {
		a.address = a.getenv("REMIT_GRPC")
	}
	if a.key == "" {
		a.key = a.getenv("REMIT_API_KEY")
	}
	if a.address != "" && a.key != "" {
		return nil
	}
	if a.address != "" || a.key != "" {
		return usagef("only one of address and key is known; set both REMIT_GRPC and REMIT_API_KEY, or both --grpc and --api-key")
	}
	path, text, err := findUpward(demoFile)
	if err != nil {
		return err
	}
	var demo struct {
		GRPC   string `json:"grpc"`
		APIKey string `json:"api_key"`
		Second string `json:"second_api_key"`
	}
	if err := json.Unmarshal(text, &demo); err != nil || demo.GRPC == "" || demo.APIKey == "" {
		return fmt.Errorf("%s does not name a gateway; start `remitd dev` again", path)
	}
	a.address, a.key = demo.GRPC, demo.APIKey
	if a.second {
		a.key = demo.Second
	}
	return nil
}

// findUpward reads a file from the working folder or the nearest one above it.
func findUpward(name string) (path string, text []byte, err error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", nil, fmt.Errorf("find the working folder: %w", err)
	}
	for {
		path = filepath.Join(folder, name)
		text, err = os.ReadFile(path)
		switch {
		case err == nil:
			return path, text, nil
		case !errors.Is(err, os.ErrNotExist):
			return "", nil, fmt.Errorf("read %s: %w", path, err)
		case filepath.Dir(folder) == folder:
			return "", nil, usagef("no gateway is known: start `remitd dev` here, or set REMIT_GRPC and REMIT_API_KEY")
		}
		folder = filepath.Dir(folder)
	}
}

// Limits of retries.
const (
	maxTries    = 5
	firstPause  = 200 * time.Millisecond
	callTimeout = 60 * time.Second
)

// call makes one call, and makes it again with the same idempotency key while
// the gateway is unavailable. what names the write, for its key; empty for reads.
func call[Req, Resp any](ctx context.Context, a *app, what string, method func(context.Context, *Req, ...grpc.CallOption) (*Resp, error), req *Req) (*Resp, error) {
	ctx = a.withHeaders(ctx, what)
	pause := firstPause
	for try := 1; ; try++ {
		callCtx, cancel := context.WithTimeout(ctx, callTimeout)
		resp, err := method(callCtx, req)
		cancel()
		if status.Code(err) != codes.Unavailable || try == maxTries {
			return resp, err
		}
		if waitErr := wait(ctx, pause); waitErr != nil {
			return nil, waitErr
		}
		pause *= 2
	}
}

// withHeaders adds the API key, and the idempotency key of a write. The key is
// made once, before anything is sent, and kept for every write of this command.
func (a *app) withHeaders(ctx context.Context, what string) context.Context {
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+a.key)
	if what == "" {
		return ctx
	}
	if a.idempotencyKey == "" {
		a.idempotencyKey = "cli-" + rand.Text()
	}
	return metadata.AppendToOutgoingContext(ctx, "idempotency-key", a.idempotencyKey+"/"+what)
}

// wait waits, unless ctx ends first.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
