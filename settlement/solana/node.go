package solana

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/gagliardetto/solana-go/rpc"
	"github.com/gagliardetto/solana-go/rpc/jsonrpc"

	"github.com/openremit/remit"
)

// node is one JSON-RPC endpoint.
type node struct {
	// name is the host, without the path and query that may hold a key.
	name string
	*rpc.Client
	// known says that the node was seen to belong to the configured cluster.
	known atomic.Bool
}

func newNode(endpoint string, client *http.Client) (*node, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("endpoint is not a comma-separated list of http or https URLs")
	}
	if client == nil {
		client = &http.Client{Timeout: callTimeout}
	}
	c := jsonrpc.NewClientWithOpts(endpoint, &jsonrpc.RPCClientOpts{HTTPClient: client})
	return &node{name: u.Host, Client: rpc.NewWithCustomRPCClient(c)}, nil
}

// errOtherCluster is what a node of another cluster than the configured one gets.
var errOtherCluster = errors.New("the node belongs to another cluster")

// verify checks that a node belongs to the cluster, by asking it.
func (r *Rail) verify(ctx context.Context, n *node) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	hash, err := n.GetGenesisHash(ctx)
	if err != nil {
		return err
	}
	if hash != r.genesis {
		n.known.Store(false)
		return fmt.Errorf("%w: its genesis hash is %s, configured is %s", errOtherCluster, hash, r.genesis)
	}
	n.known.Store(true)
	return nil
}

// ask puts a question to the nodes in order, until one answers it. What a node
// means by an error is in sortError. The error is a remit.Error: precondition
// when the only nodes that answer belong to another cluster, else unavailable.
func ask[T any](ctx context.Context, r *Rail, doing string, question func(context.Context, *node) (T, error)) (T, error) {
	var zero T
	var last error
	for _, n := range r.nodes {
		if !n.known.Load() {
			if err := r.verify(ctx, n); err != nil {
				last = r.note(n, "check cluster", err)
				continue
			}
		}
		answer, err := askOne(ctx, n, question)
		if err == nil {
			return answer, nil
		}
		if errors.Is(err, rpc.ErrNotFound) {
			return zero, err
		}
		last = r.note(n, doing, err)
		if !sortError(err).elsewhere {
			break
		}
	}
	kind := remit.KindUnavailable
	if errors.Is(last, errOtherCluster) {
		kind = remit.KindPrecondition
	}
	return zero, remit.Wrap(last, kind, remit.ReasonRailUnavailable, "Solana cannot be used now: %s", doing)
}

// askOne puts a question to one node, within callTimeout.
func askOne[T any](ctx context.Context, n *node, question func(context.Context, *node) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return question(ctx, n)
}

// note makes an error fit for the log: one line, and no URL, which may hold a key.
func (r *Rail) note(n *node, doing string, err error) error {
	clean := fmt.Errorf("%s at %s: %s", doing, n.name, sortError(err).text)
	if errors.Is(err, errOtherCluster) {
		clean = fmt.Errorf("%w (%s)", err, n.name)
	}
	r.log.Debug("solana node", "node", n.name, "doing", doing, "err", clean)
	return clean
}
