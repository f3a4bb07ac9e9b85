package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/client/api"
	"weir/node/httpapi"
)

var _ httpapi.Backend = (*memory)(nil)

// serve starts the API over a fresh chain on a real connection.
func serve(t *testing.T, l httpapi.Limits) (*memory, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- httpapi.New(m, httpapi.Options{Limits: l}).Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return m, "http://" + ln.Addr().String()
}

// call sends one request and returns the status and the body.
func call(t *testing.T, method, url string, body []byte) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, strings.TrimSpace(string(out))
}

func TestEndpoints(t *testing.T) {
	_, url := serve(t, httpapi.Limits{})
	const hashOfA = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/v1/tx", "a", 200, `{"hash":"` + hashOfA + `","height":1,"code":0}`},
		{"POST", "/v1/tx", "a", 200, `{"hash":"` + hashOfA + `","height":1,"code":0,"resend":true}`},
		{"POST", "/v1/tx", "\x00", 422, `"height":0,"code":7,"sqlstate":"28000","message":"bad"}`},
		{"POST", "/v1/tx", "", 400, `{"code":0,"sqlstate":"22023","message":"the transaction is empty"}`},
		{"GET", "/v1/tx", "", 405, "Method Not Allowed"},
		{"GET", "/v1/status", "", 200, `"chain_id":"mem","genesis_hash":"0102","height":1,`},
		{"GET", "/v1/apphash", "", 200, `{"height":1,"app_hash":"6b86b2`},
		{"GET", "/v1/apphash?height=1", "", 200, `{"height":1,"app_hash":"6b86b2`},
		{"GET", "/v1/apphash?height=2", "", 404, `"message":"there is no block 2 here"`},
		{"GET", "/v1/apphash?height=-1", "", 400, `"sqlstate":"22023"`},
		{
			"POST", "/v1/query", `{"sql":"SELECT 2"}`, 200,
			`{"columns":[{"name":"n","type":"integer"}],"rows":[["0"],["1"]],"height":0}`,
		},
		{"POST", "/v1/query", `{"sql":"SELECT 0"}`, 200, `"rows":[]`},
		{"POST", "/v1/query", `{"sql":"DELETE"}`, 422, `"sqlstate":"25006"`},
		{"POST", "/v1/query", `{"sql":" "}`, 400, `the body is not {\"sql\"`},
		{"POST", "/v1/query", `no`, 400, `the body is not {\"sql\"`},
		{"POST", "/v1/prove", `{"sql":"select"}`, 200, `SELECT`},
		{"GET", "/v1/relation?name=t", "", 200, `{"id":1024,"name":"t","kind":"stream","version":1,` +
			`"columns":[{"name":"a","type":"bigint","not_null":true}],"key":[]}`},
		{"GET", "/v1/relation?name=u", "", 404, `"sqlstate":"42P01"`},
		{"GET", "/v1/relation", "", 400, `"the parameter name is missing"`},
		{"GET", "/v1/lane?role=r&writer=w&relation=t", "", 200, `{"last_seq":0}`},
		{"GET", "/v1/lane?role=r&relation=t", "", 400, `"the parameter writer is missing"`},
		{
			"GET", "/v1/lane?role=broken&writer=w&relation=t", "", 500,
			`"message":"this node could not answer"`,
		},
		{"GET", "/v1/events?after=x", "", 400, `"Last-Event-ID is a block height"`},
		{"GET", "/nowhere", "", 404, "404 page not found"},
	} {
		status, body := call(t, c.method, url+c.path, []byte(c.body))
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %q: got %d %s\nwant %d %s", c.method, c.path, c.body,
				status, body, c.status, c.want)
		}
		if strings.Contains(body, "secret") {
			t.Errorf("%s %s tells the text of an operating error: %s", c.method, c.path, body)
		}
	}
}

// Every limit holds at n and refuses at n+1.
func TestBodyLimits(t *testing.T) {
	d := httpapi.DefaultLimits()
	_, url := serve(t, httpapi.Limits{ResultRows: 3})
	sql := func(n int64) []byte {
		head, tail := `{"sql":"SELECT 1`, `"}`
		return []byte(head + strings.Repeat(" ", int(n)-len(head)-len(tail)) + tail)
	}
	for _, c := range []struct {
		name, path string
		body       []byte
		status     int
	}{
		{"TxBytes n", "/v1/tx", bytes.Repeat([]byte("x"), int(d.TxBytes)), 200},
		{"TxBytes n+1", "/v1/tx", bytes.Repeat([]byte("x"), int(d.TxBytes)+1), 413},
		{"SQLBytes n", "/v1/query", sql(d.SQLBytes), 200},
		{"SQLBytes n+1", "/v1/query", sql(d.SQLBytes + 1), 413},
		{"SQLBytes n+1, evidence", "/v1/prove", sql(d.SQLBytes + 1), 413},
		{"ResultRows n", "/v1/query", []byte(`{"sql":"SELECT 3"}`), 200},
		{"ResultRows n+1", "/v1/query", []byte(`{"sql":"SELECT 4"}`), 422},
	} {
		if status, body := call(t, "POST", url+c.path, c.body); status != c.status {
			t.Errorf("%s: got %d, want %d: %.200s", c.name, status, c.status, body)
		}
	}
	// A body of unknown length is cut off at the limit too.
	res, err := http.Post(url+"/v1/tx", "", io.MultiReader(bytes.NewReader(make([]byte, d.TxBytes+1))))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 413 {
		t.Errorf("chunked TxBytes n+1: got %d", res.StatusCode)
	}
}

func TestSubmitTimeOut(t *testing.T) {
	m, url := serve(t, httpapi.Limits{SubmitWait: 150 * time.Millisecond, Submissions: 1})
	m.mu.Lock()
	m.halted = true
	m.mu.Unlock()
	first := make(chan int)
	go func() {
		status, body := call(t, "POST", url+"/v1/tx", []byte("a"))
		if !strings.Contains(body, "outcome unknown: send the same bytes again") {
			t.Error(body)
		}
		first <- status
	}()
	time.Sleep(50 * time.Millisecond)
	if status, body := call(t, "POST", url+"/v1/tx", []byte("b")); status != 503 {
		t.Errorf("Submissions n+1: got %d %s", status, body)
	}
	if status := <-first; status != 504 {
		t.Errorf("got %d, want 504", status)
	}
}

func TestQueryTimeOut(t *testing.T) {
	_, url := serve(t, httpapi.Limits{QueryWait: 50 * time.Millisecond})
	status, body := call(t, "POST", url+"/v1/query", []byte(`{"sql":"SELECT for ever"}`))
	if status != 504 || !strings.Contains(body, "57014") {
		t.Errorf("got %d %s", status, body)
	}
}

// The time limit for sending a request must not cut the wait for its answer.
func TestBodyWaitEndsWithTheBody(t *testing.T) {
	_, url := serve(t, httpapi.Limits{
		BodyWait: 100 * time.Millisecond, SubmitWait: time.Second, QueryWait: 400 * time.Millisecond,
	})
	start := time.Now()
	status, body := call(t, "POST", url+"/v1/query", []byte(`{"sql":"SELECT for ever"}`))
	if took := time.Since(start); status != 504 || took < 350*time.Millisecond {
		t.Errorf("got %d %s after %v", status, body, took)
	}
}

// A caller that dribbles its request is cut off.
func TestSlowCaller(t *testing.T) {
	_, url := serve(t, httpapi.Limits{
		HeaderWait: 50 * time.Millisecond, BodyWait: 100 * time.Millisecond,
	})
	for _, sent := range []string{
		"POST /v1/tx HTTP/1.1\r\nHost: x\r\n",
		"POST /v1/tx HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
		"GET /v1/status HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte(sent)); err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Errorf("%q is not cut off: %v", sent, err)
		}
	}
}

// follow opens the events and returns a function that reads the next one.
func follow(t *testing.T, url, lastID string) func() (name string, b api.Block) {
	t.Helper()
	req, err := http.NewRequest("GET", url+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("events: %s %s", res.Status, res.Header)
	}
	sc := bufio.NewScanner(res.Body)
	return func() (name string, b api.Block) {
		for sc.Scan() {
			key, value, _ := strings.Cut(sc.Text(), ": ")
			switch key {
			case "event":
				name = value
			case "data":
				if err := json.Unmarshal([]byte(value), &b); err != nil {
					t.Fatal(err)
				}
			case "":
				return name, b
			}
		}
		t.Fatal("the events ended", sc.Err())
		return
	}
}

func TestEventsResume(t *testing.T) {
	m, url := serve(t, httpapi.Limits{})
	add := func(n int) {
		m.mu.Lock()
		defer m.mu.Unlock()
		for range n {
			m.commit(3)
		}
	}
	add(5)
	next := follow(t, url, "2")
	for want := int64(3); want <= 5; want++ {
		if name, b := next(); name != "block" || b.Height != want || b.Txs != 3 || len(b.AppHash) != 32 {
			t.Fatalf("got %s %+v, want height %d", name, b, want)
		}
	}
	add(1)
	if _, b := next(); b.Height != 6 {
		t.Fatalf("got %+v, want height 6", b)
	}
	m.mu.Lock()
	m.base = 4
	m.mu.Unlock()
	req, _ := http.NewRequest("GET", url+"/v1/events?after=2", nil)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusGone {
		t.Errorf("blocks that are gone: got %s", res.Status)
	}
}

func TestEventStreamsLimit(t *testing.T) {
	m, url := serve(t, httpapi.Limits{EventStreams: 2})
	m.mu.Lock()
	m.commit(0)
	m.mu.Unlock()
	follow(t, url, "0")
	follow(t, url, "0")
	if status, body := call(t, "GET", url+"/v1/events?after=0", nil); status != 503 {
		t.Errorf("EventStreams n+1: got %d %s", status, body)
	}
}

func TestCrossOriginPostIsRefused(t *testing.T) {
	h := httpapi.New(newMemory(), httpapi.Options{Log: slog.New(slog.DiscardHandler)})
	req := httptest.NewRequest("POST", "/v1/tx", strings.NewReader("a"))
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	if rec.Code != http.StatusForbidden {
		t.Errorf("got %d", rec.Code)
	}
}
