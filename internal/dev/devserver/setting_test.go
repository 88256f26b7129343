package devserver

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/phgen/phgen/internal/dev"
	"github.com/phgen/phgen/internal/sink"
)

const definitionsURL = "/flags/definitions?token=phc_dev&send_cohorts"

// remotely is what an SDK is told about a flag of a person.
func (r *rig) remotely(key, person string) any {
	r.t.Helper()
	w := r.do("POST", "/flags/?v=1", `{"api_key":"phc_dev","distinct_id":"`+person+`"}`)
	var doc struct{ FeatureFlags map[string]any }
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		r.t.Fatal(err)
	}
	return doc.FeatureFlags[key]
}

// A flag is in the application's next answer, whichever way it evaluates them.
func TestSetFlag(t *testing.T) {
	r := newRig(t)
	etag := func() string {
		return r.do("GET", definitionsURL, "", "Authorization: Bearer phs_dev").Header().Get("ETag")
	}
	before := etag()
	w := r.do("PUT", "/api/flags/search", `{"value":"new"}`, bearer)
	want := `{"key":"search","values":[false,"old","new"],"default":"old","source":"plan","everyone":"new","plan":"plan.yaml:12:3","called":0}` + "\n"
	if got := w.Body.String(); w.Code != 200 || got != want {
		t.Errorf("got  %d %s\nwant 200 %s", w.Code, got, want)
	}
	if got := r.remotely("search", "u1"); got != "new" {
		t.Errorf("got %v remotely, want new", got)
	}
	set := etag()
	if set == before || set == "" {
		t.Errorf("the entity tag of the definitions is still %s", set)
	}
	if w := r.do("GET", definitionsURL, "", "Authorization: Bearer phs_dev", "If-None-Match: "+set); w.Code != 304 {
		t.Errorf("unchanged definitions: got %d", w.Code)
	}
	r.do("PUT", "/api/flags/search", `{"value":false,"person":"u2"}`, bearer)
	if got := r.remotely("search", "u2"); got != false {
		t.Errorf("got %v for u2, want false", got)
	}
	if got := r.remotely("search", "u1"); got != "new" {
		t.Errorf("got %v for u1, want new", got)
	}
	r.do("PUT", "/api/flags/search", `{"value":null,"person":"u2"}`, bearer)
	r.do("PUT", "/api/flags/search", `{"value":null}`, bearer)
	if got := etag(); got != before {
		t.Errorf("all was taken back: got entity tag %s, want %s", got, before)
	}
}

func TestRemoteConfig(t *testing.T) {
	r := newRig(t)
	config := func() string {
		return r.do("GET", "/api/projects/1/feature_flags/limits/remote_config?token=phc_dev", "", "Authorization: Bearer phs_dev").Body.String()
	}
	if got, want := config(), `"{\"rps\":100}"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r.do("PUT", "/api/flags/limits", `{"value":false}`, bearer)
	if got := config(); got != "" {
		t.Errorf("switched off: got %s", got)
	}
}

// Flags that others change reach the application, too.
func TestFlagsChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		if err := r.config.Flags.Set("new-checkout", true, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		want := string(r.config.Flags.Document())
		if got := r.do("GET", definitionsURL, "", "Authorization: Bearer phs_dev").Body.String(); got != want {
			t.Errorf("got definitions %s\nwant %s", got, want)
		}
		r.config.Flags.SetPlan(parsePlan(t, strings.Replace(planText, "new-checkout", "newer-checkout", 1)))
		time.Sleep(2 * beat) // other news may have had its turn
		if got := r.do("GET", definitionsURL, "", "Authorization: Bearer phs_dev").Body.String(); !strings.Contains(got, `"newer-checkout"`) {
			t.Errorf("got definitions %s", got)
		}
	})
}

func TestFlagCalled(t *testing.T) {
	r := newRig(t)
	r.capture(`{"event":"$feature_flag_called","distinct_id":"u1","properties":{"$feature_flag":"search","$feature_flag_response":"old"}}`)
	var doc flagsDoc
	if err := json.Unmarshal([]byte(r.get("/api/flags")), &doc); err != nil {
		t.Fatal(err)
	}
	for _, row := range doc.Flags {
		want := uint64(0)
		if row.Key == "search" {
			want = 1
		}
		if row.Called != want {
			t.Errorf("%s: called %d times, want %d", row.Key, row.Called, want)
		}
	}
}

func TestSetRefuses(t *testing.T) {
	r := newRig(t)
	const see = "/api/openapi.json tells what it must be"
	tests := []struct {
		path, body string
		status     int
		want       string
	}{
		{"/api/flags/search", `{"value":"newer"}`, 422, `flag "search" cannot be "newer": use false, "old" or "new"`},
		{"/api/flags/search", `{"value":true}`, 422, `flag "search" cannot be true: use false, "old" or "new"`},
		{"/api/flags/search", `{"value":1}`, 422, `flag "search" cannot be a float64: use false, "old" or "new"`},
		{"/api/flags/serch", `{"value":"new"}`, 404, `flag "serch": no such flag: did you mean "search"?`},
		{"/api/flags/a%2Fb", `{"value":"new"}`, 404, `flag "a/b": no such flag: there are ["new-checkout" "search" "limits"]`},
		{"/api/flags/search", `{}`, 400, `the body has no "value"; give one, or null to take back what was set`},
		{"/api/flags/search", ``, 400, `the body cannot be read (EOF); ` + see},
		{"/api/flags/search", `{"value":"new"`, 400, `the body cannot be read (unexpected EOF); ` + see},
		{"/api/flags/search", `{"value":"new","persn":"u1"}`, 400, `the body cannot be read (json: unknown field "persn"); ` + see},
		{"/api/flags/search", `{"value":"new"} {}`, 400, `something follows the JSON of the body; send one object`},
		{"/api/flags/search", `{"value":"new","person":7}`, 400, `the body cannot be read (json: cannot unmarshal number into Go struct field .person of type string); ` + see},
		{"/api/flags/search", `{"value":"` + strings.Repeat("x", maxBody) + `"}`, 413, `the body is larger than 65536 bytes; send less`},
		{"/api/flags/search?person=u1", `{"value":"new"}`, 400, `query parameter "person" is unknown; there are none here`},
		{"/api/fault", `{"spec":"200"}`, 422, `fault "200": status "200" is not from 400 to 599; write STATUS (400 to 599), latency=2s, reset=10%, hang=10% or drop=10%, and :DURATION behind what is to end by itself, as in 503:30s`},
		{"/api/fault", `{}`, 400, `the body has no "spec"; give one, or "" to end all faults`},
		{"/api/fault", `[]`, 400, `the body cannot be read (json: cannot unmarshal array into Go value of type struct { Spec *string "json:\"spec\"" }); ` + see},
	}
	for _, test := range tests {
		w := r.do("PUT", test.path, test.body, bearer)
		if got, want := w.Body.String(), errorOf(test.want); w.Code != test.status || got != want {
			t.Errorf("%s %.60s:\ngot  %d %s\nwant %d %s", test.path, test.body, w.Code, got, test.status, want)
		}
	}
}

// A fault meets PostHog's paths and no others, and ends.
func TestFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) { c.Fault = "503:30s" })
		send := func() (int, time.Duration) {
			start := time.Now()
			w := r.do("POST", "/batch/", `{"api_key":"k","batch":[`+signedUp+`]}`)
			return w.Code, time.Since(start)
		}
		if got, _ := send(); got != 503 {
			t.Errorf("got %d, want 503", got)
		}
		if got, want := r.get("/api/fault"), `{"spec":"503:30s","active":[{"text":"503","left_ms":30000}]}`+"\n"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if w := r.do("POST", "/nowhere", ""); w.Code != 404 {
			t.Errorf("unknown path: got %d", w.Code)
		}
		time.Sleep(30 * time.Second)
		if got, want := r.get("/api/fault"), `{"spec":"503:30s","active":[]}`+"\n"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, _ := send(); got != 200 {
			t.Errorf("got %d, want 200", got)
		}
		w := r.do("PUT", "/api/fault", `{"spec":" latency=2s , 429:1m"}`, bearer)
		if got, want := w.Body.String(), `{"spec":"latency=2s,429:1m","active":[{"text":"latency=2s"},{"text":"429","left_ms":60000}]}`+"\n"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got, after := send(); got != 429 || after != 2*time.Second {
			t.Errorf("got %d after %s, want 429 after 2s", got, after)
		}
		r.do("PUT", "/api/fault", `{"spec":""}`, bearer)
		if got, after := send(); got != 200 || after != 0 {
			t.Errorf("got %d after %s, want 200", got, after)
		}
		if got := r.config.Store.Summary(); got.Last != 2 || got.Refused != 3 {
			t.Errorf("got %d events and %d refused requests, want 2 and 3", got.Last, got.Refused)
		}
	})
	if _, err := New(Config{Token: token, Fault: "soon"}); err == nil || !strings.HasPrefix(err.Error(), `fault "soon": "soon" is no fault; `) {
		t.Errorf("got %v", err)
	}
}

// Rehearsed hangs last longer than a body may take, and end with the server.
func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, func(c *Config) { c.Fault = "hang=100%" })
		client := r.listen().client(t)
		start := time.Now()
		time.AfterFunc(3*bodyWithin, r.Close)
		_, err := client.Post("http://localhost/batch/", "application/json", strings.NewReader(`{"batch":[`+signedUp+`]}`))
		if err == nil || time.Since(start) != 3*bodyWithin {
			t.Errorf("got %v after %s, want the end after %s", err, time.Since(start), 3*bodyWithin)
		}
	})
}

// Connections break as they would: with an RST, or in good order.
func TestBrokenConnections(t *testing.T) {
	for spec, want := range map[string]error{"reset=100%": syscall.ECONNRESET, "drop=100%": io.EOF} {
		r := newRig(t, func(c *Config) { c.Fault = spec })
		server := httptest.NewServer(r)
		_, err := server.Client().Post(server.URL+"/batch/", "application/json", strings.NewReader(`{"batch":[`+signedUp+`]}`))
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", spec, err, want)
		}
		if response, err := server.Client().Get(server.URL + "/api/fault"); err != nil || response.StatusCode != 200 {
			t.Errorf("%s meets the API, too: %v", spec, err)
		} else {
			readAll(t, response.Body)
		}
		server.Close()
	}
}

func TestSurveys(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Surveys = []byte(`{"surveys":[{"id":"s"}]}`) })
	if got, want := r.get("/api/surveys?token=phc_dev"), `{"surveys":[{"id":"s"}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Whoever is told of an arrival finds it in the store.
func TestArrived(t *testing.T) {
	var r *rig
	var got []string
	r = newRig(t, func(c *Config) {
		c.Arrived = func(x sink.Exchange, rows []dev.Row) {
			for i, row := range rows {
				if _, ok := r.config.Store.Event(row.Seq); !ok {
					t.Errorf("event %d is not there yet", row.Seq)
				}
				got = append(got, x.Kind+" "+x.Events[i].Name+" "+string(row.Verdict))
			}
			if len(rows) == 0 {
				got = append(got, x.Kind)
			}
		}
	})
	r.capture(signedUp, unknown)
	r.do("GET", "/nowhere", "")
	if got, want := strings.Join(got, ", "), "capture signed_up ok, capture signd_up unplanned, unknown"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if r.do("GET", "/api/summary", "").Code != http.StatusOK || len(got) != 3 {
		t.Errorf("the API is an arrival, too: %v", got)
	}
}
