//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The comparison is one only if all clients send the same events.
func TestEveryClientSendsTheSame(t *testing.T) {
	for _, props := range []int{5, 20} {
		t.Run(fmt.Sprint(props), func(t *testing.T) {
			want := arrived(t, job{Client: posthogGo, Props: props, N: 7, Batch: 7})
			for _, client := range []string{phgenMap, phgenTyped} {
				got := arrived(t, job{Client: client, Props: props, N: 7, Batch: 7})
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s sent %v\n%s sent %v", client, got, posthogGo, want)
				}
			}
			for _, event := range want {
				if got, want := len(event.Properties), props; got != want {
					t.Errorf("got %d properties, want %d", got, want)
				}
			}
		})
	}
}

// An event is what PostHog is to see alike, whoever sent it.
type event struct {
	Name       string         `json:"event"`
	DistinctID string         `json:"distinct_id"`
	Properties map[string]any `json:"properties"`
}

// arrived does j and returns what a server received, without what the libraries say
// of themselves.
func arrived(t *testing.T, j job) []event {
	t.Helper()
	bodies := make(chan []byte, j.N)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies <- body
		_, _ = io.WriteString(w, `{"status":1}`)
	}))
	defer server.Close()
	j.URL = server.URL
	c, err := newClient(j)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.produce(c); err != nil {
		t.Fatal(err)
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	close(bodies)
	var events []event
	for body := range bodies {
		var request struct{ Batch []event }
		if err := json.Unmarshal(body, &request); err != nil {
			t.Fatal(err)
		}
		events = append(events, request.Batch...)
	}
	for _, e := range events {
		maps.DeleteFunc(e.Properties, func(key string, _ any) bool { return strings.HasPrefix(key, "$") })
		delete(e.Properties, "distinct_id") // also beside the properties
		if text, ok := e.Properties["placed_at"].(string); ok {
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				t.Fatal(err)
			}
			e.Properties["placed_at"] = at.UTC()
		}
	}
	if got, want := len(events), j.N; got != want {
		t.Fatalf("%s: got %d events, want %d", j.Client, got, want)
	}
	return events
}
