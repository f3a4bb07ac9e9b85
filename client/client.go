package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"weir/client/api"
)

// maxAnswer is the longest answer that is read: an evidence file and its dress.
const maxAnswer = 20 << 20

// requestWait bounds one request; a node answers a submission within 30 s.
const requestWait = 40 * time.Second

// ErrOutcomeUnknown says that a transaction may or may not have applied. Sending the same bytes
// again is safe and finds out.
var ErrOutcomeUnknown = errors.New("outcome unknown: send the same bytes again")

// Client talks to the nodes of one network. It is safe for concurrent use.
type Client struct {
	nodes []string
	next  atomic.Uint32 // index of the node that answers now
	http  *http.Client
}

// New returns a client of the nodes at the given base URLs, the preferred one first.
func New(nodes ...string) (*Client, error) {
	if len(nodes) == 0 {
		return nil, errors.New("no node is named")
	}
	c := &Client{http: &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     time.Minute,
	}}}
	for _, n := range nodes {
		u, err := url.Parse(n)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("%q is not the URL of a node, such as http://127.0.0.1:9348", n)
		}
		c.nodes = append(c.nodes, strings.TrimRight(n, "/"))
	}
	return c, nil
}

// Node returns the base URL of the node that the next request goes to.
func (c *Client) Node() string { return c.nodes[int(c.next.Load())%len(c.nodes)] }

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Submit sends one signed transaction once and returns the network's decision: a Receipt with
// Code 0, or the receipt of a rejection together with its *api.Error. ErrOutcomeUnknown means
// that the same bytes have to be sent again.
func (c *Client) Submit(ctx context.Context, raw []byte) (*api.Receipt, error) {
	body, err := c.call(ctx, http.MethodPost, api.PathTx, raw)
	var refused *api.Error
	switch {
	case errors.As(err, &refused) && refused.Status == http.StatusUnprocessableEntity:
		r := new(api.Receipt)
		if json.Unmarshal(body, r) != nil {
			return nil, err
		}
		return r, r.Err()
	case errors.As(err, &refused) && refused.Status == http.StatusGatewayTimeout:
		return nil, ErrOutcomeUnknown
	case errors.As(err, &refused):
		return nil, err
	case err != nil:
		return nil, errors.Join(ErrOutcomeUnknown, err)
	}
	r := new(api.Receipt)
	if err := json.Unmarshal(body, r); err != nil {
		return nil, errors.Join(ErrOutcomeUnknown, fmt.Errorf("read the receipt: %w", err))
	}
	return r, nil
}

// Status asks who the node is and how far it has come.
func (c *Client) Status(ctx context.Context) (*api.Status, error) {
	return get[api.Status](ctx, c, api.PathStatus, nil)
}

// AppHash asks for the state's hash after a block; height 0 means the last.
func (c *Client) AppHash(ctx context.Context, height int64) (*api.AppHash, error) {
	var q url.Values
	if height != 0 {
		q = url.Values{"height": {fmt.Sprint(height)}}
	}
	return get[api.AppHash](ctx, c, api.PathAppHash, q)
}

// Relation asks what a writer needs to know of a stream, table or view.
func (c *Client) Relation(ctx context.Context, name string) (*api.Relation, error) {
	return get[api.Relation](ctx, c, api.PathRelation, url.Values{"name": {name}})
}

// Lane asks where a producer goes on.
func (c *Client) Lane(ctx context.Context, id api.LaneID) (*api.Lane, error) {
	return get[api.Lane](ctx, c, api.PathLane, url.Values{
		"role": {id.Role}, "writer": {id.Writer}, "relation": {id.Relation},
	})
}

// Query runs one reading statement.
func (c *Client) Query(ctx context.Context, sql string) (*api.Result, error) {
	body, err := c.read(ctx, http.MethodPost, api.PathQuery, encodeSQL(sql))
	if err != nil {
		return nil, err
	}
	return decode[api.Result](body)
}

// Prove fetches the evidence file of one query's answer. It is not verified here.
func (c *Client) Prove(ctx context.Context, sql string) ([]byte, error) {
	return c.read(ctx, http.MethodPost, api.PathProve, encodeSQL(sql))
}

// Consistency fetches the file that shows that the log of a stream continues what it was at a
// height. It is not verified here.
func (c *Client) Consistency(ctx context.Context, stream string, from int64) ([]byte, error) {
	ask := url.Values{"stream": {stream}, "from": {strconv.FormatInt(from, 10)}}
	return c.read(ctx, http.MethodGet, api.PathConsistency+"?"+ask.Encode(), nil)
}

func encodeSQL(sql string) []byte {
	b, err := json.Marshal(api.SQL{SQL: sql})
	if err != nil {
		panic(err) // a struct of one string always encodes
	}
	return b
}

// get fetches one JSON answer.
func get[T any](ctx context.Context, c *Client, path string, q url.Values) (*T, error) {
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	body, err := c.read(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	return decode[T](body)
}

func decode[T any](body []byte) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(body, v); err != nil {
		return nil, fmt.Errorf("read the node's answer: %w", err)
	}
	return v, nil
}

// read sends a request that changes nothing, to each node in turn until one answers.
func (c *Client) read(
	ctx context.Context, method, path string, body []byte,
) (answer []byte, err error) {
	for range c.nodes {
		var refused *api.Error
		answer, err = c.call(ctx, method, path, body)
		if err == nil || ctx.Err() != nil ||
			errors.As(err, &refused) && refused.Status < http.StatusInternalServerError {
			break
		}
	}
	return answer, err
}

// call sends one request to the present node. If that node cannot be reached, later calls go to
// the next one; this call fails, because only its caller knows whether it may be repeated. An
// answer that is not 200 is an *api.Error with Status, beside the body.
func (c *Client) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWait)
	defer cancel()
	at := c.next.Load()
	node := c.nodes[int(at)%len(c.nodes)]
	req, err := http.NewRequestWithContext(ctx, method, node+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil && path != api.PathTx {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.next.CompareAndSwap(at, at+1)
		return nil, fmt.Errorf("reach %s: %w", node, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		c.next.CompareAndSwap(at, at+1)
		return nil, fmt.Errorf("read the answer of %s: %w", node, err)
	}
	if len(answer) > maxAnswer {
		return nil, fmt.Errorf("the answer of %s is longer than %d bytes", node, maxAnswer)
	}
	if res.StatusCode == http.StatusOK {
		return answer, nil
	}
	if res.StatusCode >= http.StatusInternalServerError {
		c.next.CompareAndSwap(at, at+1)
	}
	return answer, readError(res, answer)
}

// readError turns an answer that is not 200 into an error.
func readError(res *http.Response, body []byte) *api.Error {
	e := new(api.Error)
	if json.Unmarshal(body, e) != nil || e.Message == "" {
		e = &api.Error{SQLState: "08006", Message: "the node answered " + res.Status}
	}
	e.Status = res.StatusCode
	return e
}
