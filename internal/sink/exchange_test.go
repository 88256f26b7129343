package sink

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// watched is a sink and what its observer was told, but for headers and times.
func watched(c Config) (*Sink, func() []Exchange) {
	var mu sync.Mutex
	var seen []Exchange
	c.Observe = func(x Exchange) {
		mu.Lock()
		defer mu.Unlock()
		x.Header, x.At = nil, time.Time{}
		seen = append(seen, x)
	}
	return New(c), func() []Exchange {
		mu.Lock()
		defer mu.Unlock()
		return seen
	}
}

func TestObserve(t *testing.T) {
	taken := []Event{{Name: "a", DistinctID: "u", Properties: map[string]any{}, Raw: []byte(`{"event":"a","distinct_id":"u"}`), Path: "/batch/"}}
	body := bodyOf(`{"event":"a","distinct_id":"u"}`)
	asked := &FlagRequest{APIKey: "phc_x", DistinctID: "u", Groups: map[string]any{}, PersonProperties: map[string]any{}, GroupProperties: map[string]map[string]any{}, GeoIPDisable: new(bool)}
	*asked.GeoIPDisable = true
	tests := []struct {
		name, method, target, body string
		fault                      Fault
		want                       Exchange
	}{
		{"capture", "POST", "/batch/?a=b", body, Fault{}, Exchange{Request: Request{Query: "a=b", Status: 200}, Kind: "capture", Events: taken}},
		{"refused", "POST", "/batch/", "{", Fault{}, Exchange{Request: Request{Status: 400}, Kind: "capture", Refusal: "the body is no JSON"}},
		{"of another codec", "POST", "/batch/?compression=br", body, Fault{}, Exchange{Request: Request{Query: "compression=br", Status: 415}, Kind: "capture", Codec: "br", Refusal: `compression "br" is not decoded here`}},
		{"with a fault", "POST", "/batch/", body, Fault{Status: 503}, Exchange{Request: Request{Status: 503}, Kind: "capture", Fault: true, Refusal: "a fault: 503 Service Unavailable"}},
		{"with a fault without a name", "POST", "/batch/", body, Fault{Status: 599}, Exchange{Request: Request{Status: 599}, Kind: "capture", Fault: true, Refusal: "a fault: 599"}},
		{"with a fault that keeps", "POST", "/batch/", body, Fault{Status: 503, Keep: true}, Exchange{Request: Request{Status: 503}, Kind: "capture", Events: taken, Fault: true, Refusal: "a fault: 503 Service Unavailable"}},
		{"redirected", "POST", "/batch/", body, Fault{Location: "/x"}, Exchange{Request: Request{Status: 307}, Kind: "capture", Fault: true, Refusal: "a fault: 307 Temporary Redirect"}},
		{"without a reply", "POST", "/batch/", body, Fault{Request: Closed}, Exchange{Kind: "capture", Fault: true, Refusal: "a fault: no reply"}},
		{"without a reply, kept", "POST", "/batch/", body, Fault{Request: Reset, Keep: true}, Exchange{Kind: "capture", Events: taken, Fault: true, Refusal: "a fault: no reply"}},
		{"without all of its reply", "POST", "/batch/", body, Fault{Reply: Closed}, Exchange{Request: Request{Status: 200}, Kind: "capture", Events: taken, Fault: true}},
		{"delayed", "POST", "/batch/", body, Fault{Delay: time.Minute}, Exchange{Request: Request{Status: 200}, Took: time.Minute, Kind: "capture", Events: taken, Fault: true}},
		{"flags", "POST", "/flags/?v=2", asks, Fault{}, Exchange{Request: Request{Query: "v=2", Status: 200}, Kind: "flags", Flags: asked}},
		{"bad flags", "POST", "/decide/", "{", Fault{}, Exchange{Request: Request{Status: 400}, Kind: "flags", Flags: &FlagRequest{}, Refusal: "the body is no JSON object"}},
		{"definitions", "GET", "/flags/definitions", "", Fault{}, Exchange{Request: Request{Status: 401}, Kind: "definitions", Refusal: "Authorization is missing or no bearer token"}},
		{"remote config", "GET", "/api/projects/1/feature_flags/a/remote_config", "", Fault{}, Exchange{Request: Request{Status: 401}, Kind: "remote config", Refusal: "Authorization is missing or no bearer token"}},
		{"surveys", "GET", "/api/surveys/?token=x", "", Fault{}, Exchange{Request: Request{Query: "token=x", Status: 200}, Kind: "surveys"}},
		{"recording", "POST", "/s/?compression=gzip-js", "x", Fault{}, Exchange{Request: Request{Query: "compression=gzip-js", Status: 200}, Kind: "recording", Codec: "gzip"}},
		{"start-up", "GET", "/array/x/config", "", Fault{}, Exchange{Request: Request{Status: 200}, Kind: "start-up"}},
		{"no start-up", "GET", "/static/array.js", "", Fault{}, Exchange{Request: Request{Status: 404}, Kind: "start-up", Refusal: strings.TrimSpace(notServed)}},
		{"preflight", "OPTIONS", "/batch/", "", Fault{}, Exchange{Request: Request{Status: 204}, Kind: "capture"}},
		{"another method", "PUT", "/e/", "", Fault{}, Exchange{Request: Request{Status: 405}, Kind: "capture", Refusal: "use POST or GET"}},
		{"unknown", "GET", "/nothing?a", "", Fault{}, Exchange{Request: Request{Query: "a", Status: 404}, Kind: "unknown", Refusal: "404 page not found"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // whose clock stands still
				s, seen := watched(Config{Meet: func(*http.Request) Fault { return tt.fault }})
				r := httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body))
				tt.want.Method, tt.want.Path = tt.method, r.URL.Path
				if tt.method == "POST" && tt.name != "without a reply" {
					tt.want.Raw = []byte(tt.body)
				}
				resp, err := s.RoundTrip(r)
				if (err == nil) != (tt.want.Status != 0) {
					t.Fatalf("got %v, %v", resp, err)
				}
				ignore := cmpopts.IgnoreFields(FlagRequest{}, "Request")
				if diff := cmp.Diff([]Exchange{tt.want}, seen(), cmpopts.EquateEmpty(), ignore); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if len(s.Events())+len(s.Requests())+len(s.FlagRequests())+len(s.DefinitionRequests())+len(s.ConfigRequests())+len(s.SurveyRequests()) > 0 {
					t.Error("the sink kept something beside its observer")
				}
				if got := s.Counters().Events; got != uint64(len(tt.want.Events)) {
					t.Errorf("counted %d events, want %d", got, len(tt.want.Events))
				}
			})
		})
	}
}

// A sender that has its reply finds that the observer was told before.
func TestObserveBeforeTheReply(t *testing.T) {
	s, seen := watched(Config{Judge: func(Event) []string { return []string{"odd"} }})
	url, client := serve(t, s)
	for n := range 50 {
		resp, err := client.Post(url, isJSON, strings.NewReader(bodyOf(good)))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := seen(); len(got) != n+1 || !cmp.Equal(got[n].Events[0].Problems, []string{"odd"}) {
			t.Fatalf("after reply %d: got %d exchanges", n+1, len(got))
		}
	}
	if err := s.Wait(context.Background(), 50); err != nil {
		t.Error(err)
	}
	if got := s.Counters(); got.Requests != 50 || got.Problems != 50 || got.Dropped != 0 {
		t.Errorf("got %+v, want 50 requests and problems", got)
	}
}

// A sender that did not wait is told of as one without a reply; its events were taken.
func TestObserveSenderThatLeft(t *testing.T) {
	s, seen := watched(Config{})
	s.Inject(Fault{Delay: time.Hour})
	ctx, cancel := context.WithCancel(context.Background())
	r := httptest.NewRequest("POST", "/batch/", strings.NewReader(bodyOf(good))).WithContext(ctx)
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := s.RoundTrip(r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	got := seen()
	if len(got) != 1 || got[0].Status != 0 || len(got[0].Events) != 1 || got[0].Refusal != "no reply: context canceled" {
		t.Errorf("got %+v", got)
	}
}

func TestMeet(t *testing.T) {
	var met []string
	s := New(Config{Meet: func(r *http.Request) Fault {
		met = append(met, r.Method+" "+r.URL.Path)
		return Fault{Status: 502}
	}})
	s.Inject(Fault{}, Fault{Status: 503})
	var got []int
	send := func(method, path string) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(bodyOf(good))))
		got = append(got, w.Code)
	}
	send("POST", "/batch/") // the injected faults first, even a healthy one
	send("POST", "/batch/")
	send("POST", "/batch/")
	send("GET", "/api/surveys/")
	send("GET", "/static/a.js")
	send("OPTIONS", "/batch/")
	send("PUT", "/batch/")
	send("GET", "/nothing")
	s.Down(500)
	send("POST", "/batch/")
	if diff := cmp.Diff([]int{200, 503, 502, 502, 502, 204, 405, 404, 500}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"POST /batch/", "GET /api/surveys/", "GET /static/a.js"}, met); diff != "" {
		t.Errorf("asked about (-want +got):\n%s", diff)
	}
}
