package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/phgen/phgen/runtime/internal/origin"
	"github.com/phgen/phgen/runtime/internal/queue"
)

// answering returns a transport whose requests all get the same answer.
func answering(p Protocol, status int, header http.Header, body io.Reader) *Transport {
	return New(Config{Protocol: p, Host: "http://ph.test", APIKey: "phc_canary", Timeout: time.Minute,
		RoundTripper: roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(body)}, nil
		})})
}

// summary returns v as text: the outcome, the error, and those of each event.
func summary(v queue.Verdict) string {
	names := map[queue.Outcome]string{
		queue.Delivered: "delivered", queue.Retry: "retry", queue.Split: "split", queue.Isolate: "isolate",
		queue.Hold: "hold", queue.Garbled: "garbled", queue.Mixed: "mixed", queue.Drop: "drop",
	}
	text := names[v.Outcome]
	if v.After != 0 {
		text += fmt.Sprintf(" after %v", v.After)
	}
	if v.Err != nil {
		text += ": " + v.Err.Error()
	}
	for _, e := range v.Each {
		text += "\n" + names[e.Outcome]
		if e.Err != nil {
			text += ": " + e.Err.Error()
		}
	}
	return text
}

func TestResults(t *testing.T) {
	const noList = "garbled: endpoint answered with success, but the body is no list of results"
	all := func(word string) string {
		return fmt.Sprintf(`{"results":{"%v":{"result":%q},"%v":{"result":%[2]q},"%[4]v":{"result":%[2]q}}}`, id(0), word, id(1), id(2))
	}
	one := func(result string) string { return fmt.Sprintf(`{"results":{"%v":%s}}`, id(1), result) }
	dropped := func(text string) string {
		return "mixed: of 3 events the endpoint dropped 1\ndelivered\ndrop: endpoint answered \"drop\"" + text + "\ndelivered"
	}
	again := "mixed: of 3 events the endpoint wants 1 again\ndelivered\nretry: endpoint answered \"retry\"\ndelivered"
	for name, c := range map[string]struct{ body, want string }{
		"ok":                {all("ok"), "delivered"},
		"warning":           {all("warning"), "delivered"},
		"unknown word":      {all("limited"), "delivered"},
		"long word":         {all(strings.Repeat("drop", 1000)), "delivered"},
		"absent":            {`{"results":{}}`, "delivered"},
		"no word":           {one(`{}`), "delivered"},
		"other members":     {` {"a":[1,{"b":null}],"results":{},"z":-1.5e3} ` + "\n", "delivered"},
		"foreign events":    {`{"results":{"0190c8a4-9999-7222-8333-444455556666":{"result":"drop"},"no uuid":{"result":"retry"}}}`, "delivered"},
		"drop":              {one(`{"result":"drop","details":"event_too_big"}`), dropped(": event_too_big")},
		"drop, unexplained": {one(`{"result":"drop"}`), dropped("")},
		"odd details":       {one(`{"details":{"x":[true]},"result":"drop"}`), dropped("")},
		"escaped word":      {one(`{"r\u0065sult":"\u0064rop"}`), dropped("")},
		"retry":             {one(`{"result":"retry"}`), again},
		"all of it": {fmt.Sprintf(`{"results":{"%v":{"result":"drop","details":"a"},"%v":{"result":"ok"},"%v":{"result":"retry","details":"b"}}}`, id(2), id(1), id(0)),
			"mixed: of 3 events the endpoint dropped 1 and wants 1 again\nretry: endpoint answered \"retry\": b\ndelivered\ndrop: endpoint answered \"drop\": a"},
		"last word counts": {fmt.Sprintf(`{"results":{"%v":{"result":"drop"},"%[1]v":{"result":"ok"}}}`, id(1)), "delivered"},
		"hostile details":  {one(`{"result":"drop","details":"a\nb\u0000\u001b[31m\u202e <phc_canary>` + strings.Repeat("é", 2000) + `"}`), dropped(": a b  [31m  <[API key]>" + strings.Repeat("é", 87) + "…")},

		"empty":              {"", noList},
		"html":               {"<html>", noList},
		"null":               {"null", noList},
		"array":              {"[]", noList},
		"no results":         {`{"status":1}`, noList},
		"results null":       {`{"results":null}`, noList},
		"results array":      {`{"results":[]}`, noList},
		"result text":        {one(`"drop"`), noList},
		"result null":        {one(`null`), noList},
		"word is a number":   {one(`{"result":1}`), noList},
		"cut off":            {all("ok")[:60], noList},
		"two documents":      {`{"results":{}}{}`, noList},
		"NUL at the end":     {`{"results":{}}` + "\x00", noList},
		"comma at the end":   {`{"results":{},}`, noList},
		"deep":               {`{"x":` + strings.Repeat("[", 1e5) + strings.Repeat("]", 1e5) + `,"results":{}}`, noList},
		"longer than bounds": {`{"results":{}}` + strings.Repeat(" ", 70_000), noList},
		"gzip":               {"\x1f\x8b\x08\x00", noList},
	} {
		t.Run(name, func(t *testing.T) {
			v := send(t, answering(V1, 200, nil, strings.NewReader(c.body)), "{}", "{}", "{}")
			if got := summary(v); got != c.want {
				t.Errorf("%.200s\n got %s\nwant %s", c.body, got, c.want)
			}
		})
	}
}

// An event is found by its UUID, however the endpoint spells it.
func TestSpellings(t *testing.T) {
	plain := id(1).String()
	for _, spelling := range []string{plain, strings.ToUpper(plain), strings.ReplaceAll(plain, "-", ""), "{" + plain + "}", "urn:uuid:" + plain} {
		body := strings.NewReader(fmt.Sprintf(`{"results":{%q:{"result":"retry"}}}`, spelling))
		v := send(t, answering(V1, 200, nil, body), "{}", "{}", "{}")
		if len(v.Each) != 3 || v.Each[1].Outcome != queue.Retry {
			t.Errorf("%s: verdict %+v, want a retry of the second event", spelling, v)
		}
	}
}

// The error of an event is typed.
func TestResultError(t *testing.T) {
	v := send(t, answering(V1, 200, nil, strings.NewReader(fmt.Sprintf(`{"results":{"%v":{"result":"drop","details":"event_too_big"}}}`, id(0)))), "{}")
	var got *ResultError
	if !errors.As(v.Each[0].Err, &got) {
		t.Fatalf("error %v, want a *ResultError", v.Each[0].Err)
	}
	if diff := cmp.Diff(*got, ResultError{"drop", "event_too_big"}); diff != "" {
		t.Errorf("error (-got +want):\n%s", diff)
	}
}

func TestRetryAfterOfResults(t *testing.T) {
	for word, want := range map[string]time.Duration{"retry": 7 * time.Second, "drop": 0, "ok": 0} {
		body := fmt.Sprintf(`{"results":{"%v":{"result":%q}}}`, id(0), word)
		if v := send(t, answering(V1, 200, http.Header{"Retry-After": {"7"}}, strings.NewReader(body)), "{}"); v.After != want {
			t.Errorf("%s: after %v, want %v", word, v.After, want)
		}
	}
}

// An endpoint that explains every event in other words costs no memory for it.
func TestTextsAreBounded(t *testing.T) {
	const n = 2000
	var attempt Attempt
	for _, word := range []string{"drop", "warning"} {
		var body bytes.Buffer
		body.WriteString(`{"results":{`)
		for i := range n {
			fmt.Fprintf(&body, `%.*s"%v":{"result":%q,"details":"because of %d"}`, min(i, 1), ",", id(i), word, i)
		}
		body.WriteString("}}")
		tr := answering(V1, 200, nil, &body)
		tr.cfg.Attempt = func(a Attempt) { attempt = a }
		v := send(t, tr, make([]string, n)...)
		if word == "warning" {
			if len(attempt.Warnings) != maxTexts+1 || attempt.Warnings["because of 31"] != 1 || attempt.Warnings["…"] != n-maxTexts {
				t.Errorf("warnings %v", attempt.Warnings)
			}
			continue
		}
		texts := map[error]int{}
		for _, e := range v.Each {
			texts[e.Err]++
		}
		last := v.Each[n-1].Err
		if len(texts) != maxTexts+1 || texts[last] != n-maxTexts || last.Error() != `endpoint answered "drop"` {
			t.Errorf("%d different errors, the last for %d events: %v", len(texts), texts[last], last)
		}
	}
}

func TestGarbled(t *testing.T) {
	const page = "garbled: endpoint answered with success, but the body is a web page"
	for _, p := range []Protocol{V0, AI} {
		for body, want := range map[string]string{
			`{"status":1}`:                    "delivered",
			`{"status":"Ok","x":["<"]`:        "delivered",
			"":                                "delivered",
			"   ":                             "delivered",
			"ok <html>":                       "delivered",
			"\x1f\x8b":                        "delivered",
			"<!DOCTYPE html>":                 page,
			" \r\n\t<html>":                   page,
			"\ufeff<html>":                    page,
			"<":                               page,
			strings.Repeat(" ", 60_000) + "<": page,
			strings.Repeat(" ", 70_000) + "<": "delivered", // nobody reads so far
		} {
			if got := summary(send(t, answering(p, 200, nil, strings.NewReader(body)), "{}")); got != want {
				t.Errorf("protocol %d, %.40q: %s, want %s", p, body, got, want)
			}
		}
	}
	zipped := http.Header{"Content-Encoding": {"gzip"}}
	want := `garbled: endpoint answered with success, but the body is no list of results: it is encoded as "gzip", which nobody asked for`
	if got := summary(send(t, answering(V1, 200, zipped, strings.NewReader("\x1f\x8b")), "{}")); got != want {
		t.Errorf("gzip: %s\nwant %s", got, want)
	}
}

func TestRefusal(t *testing.T) {
	for name, c := range map[string]struct {
		p    Protocol
		body string
		want StatusError
	}{
		"v1":          {V1, `{"error":"invalid_batch","error_description":"batch is empty","error_uri":"https://x"}`, StatusError{400, "invalid_batch", "batch is empty"}},
		"v1 code":     {V1, `{"error":"invalid_batch"}`, StatusError{400, "invalid_batch", ""}},
		"v1 odd":      {V1, `{"error":{"a":1},"error_description":7}`, StatusError{400, "", ""}},
		"v1 cut":      {V1, `{"error":"invalid_batch","error_desc`, StatusError{400, "invalid_batch", ""}},
		"v1 html":     {V1, `<html>`, StatusError{400, "", ""}},
		"v1 key":      {V1, `{"error":"bad key phc_canary","error_description":"a\r\nb\u0007"}`, StatusError{400, "bad key [API key]", "a  b"}},
		"v1 long":     {V1, `{"error":"` + strings.Repeat("x", 5000) + `"}`, StatusError{400, strings.Repeat("x", 197) + "…", ""}},
		"v0 is quiet": {V0, `{"error":"invalid_batch"}`, StatusError{400, "", ""}},
	} {
		v := send(t, answering(c.p, 400, nil, strings.NewReader(c.body)), "{}")
		var got *StatusError
		if v.Outcome != queue.Isolate || !errors.As(v.Err, &got) {
			t.Errorf("%s: verdict %+v, want isolate and a *StatusError", name, v)
			continue
		}
		if diff := cmp.Diff(*got, c.want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
	}
}

// An answer may be anything. What is taken for results is JSON, and memory is bounded.
func FuzzResults(f *testing.F) {
	for _, body := range []string{
		"", "{}", `{"results":{}}`, "<html>", `{"results":{"x":{"result":"drop","details":"\u00e9\ud83d\ude00\n"}},"x":[1,-2.5e7,true,null,"\\"]}`,
		fmt.Sprintf(`{"results":{"%v":{"result":"drop"},"%v":{"result":"retry","details":"not_persisted"}}}`, id(0), id(2)),
		`{"a":00}`, `{"a":1.}`, `{"a":tru}`, "{\"a\":12\x00}", `{"a":"\x"}`, "{\"a\":\"\n\"}", `{"results":{"":{"result":"\ud800"}}}`, strings.Repeat("[", 100),
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		with(t, []string{"{}", "{}", "{}"}, func(r *queue.Request) {
			v := answering(V1, 200, nil, bytes.NewReader(body)).Send(t.Context(), r)
			switch v.Outcome {
			case queue.Delivered, queue.Mixed:
				if !json.Valid(body) {
					t.Errorf("outcome %d of what is no JSON", v.Outcome)
				}
			case queue.Garbled:
			default:
				t.Errorf("outcome %d", v.Outcome)
			}
			if (v.Outcome == queue.Mixed) != (len(v.Each) == 3) || v.Outcome != queue.Mixed && v.Each != nil {
				t.Errorf("outcome %d with results for %d events", v.Outcome, len(v.Each))
			}
			for _, e := range v.Each {
				if (e.Outcome == queue.Delivered) != (e.Err == nil) || e.Err != nil && len(e.Err.Error()) > origin.MaxText+len(`endpoint answered "retry": `) {
					t.Errorf("event: outcome %d, error %v", e.Outcome, e.Err)
				}
			}
		})
	})
}

// What is sound JSON and no deeper than anybody needs is read as encoding/json reads it.
func FuzzScanner(f *testing.F) {
	for _, doc := range []string{`{}`, `[]`, `"a\u00e9"`, `-1.5e+7`, `{"a":[1,2,{"b":null}]}`, ` [ true , false ] `, `{"a":1,}`, "1 2", `"\ud83d\ude00"`, "\x000", "0\x00"} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		s := newScanner(bytes.NewReader(doc), 1<<20)
		defer s.free()
		got := s.value(0) && s.end()
		if want := json.Valid(doc); got && !want || want && !got && bytes.Count(doc, []byte("["))+bytes.Count(doc, []byte("{")) < maxDepth && len(doc) <= 64 {
			t.Errorf("sound %v, want %v", got, want)
		}
	})
}

func BenchmarkResults(b *testing.B) {
	const n = 100
	var body bytes.Buffer
	body.WriteString(`{"results":{`)
	for i := range n {
		fmt.Fprintf(&body, `%.*s"%v":{"result":"ok"}`, min(i, 1), ",", id(i))
	}
	body.WriteString("}}")
	tr := New(Config{Protocol: V1})
	res := &http.Response{StatusCode: 200}
	with(b, make([]string, n), func(r *queue.Request) {
		b.SetBytes(int64(body.Len()))
		b.ReportAllocs()
		for b.Loop() {
			res.Body = io.NopCloser(bytes.NewReader(body.Bytes()))
			if _, err := tr.read(res, r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
