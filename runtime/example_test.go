package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"expvar"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// newPostHog stands for PostHog: it prints what it is sent.
func newPostHog() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Batch []struct {
				Event      string
				DistinctID string `json:"distinct_id"`
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, e := range body.Batch {
			fmt.Printf("received %q of %s\n", e.Event, e.DistinctID)
		}
	}))
}

// A program makes one client, hands it to SetDefault and closes it before it ends.
func Example() {
	server := newPostHog()
	defer server.Close()

	client, err := ph.New(ph.Config{
		APIKey:      "phc_project_key",
		Host:        server.URL,
		Compression: ph.NoCompression,
	})
	if err != nil {
		fmt.Println(err) // and go on: the client beside it is inert
	}
	ph.SetDefault(client)
	defer ph.SetDefault(nil)

	ctx := ph.With(context.Background(), ph.User("u_1"))
	ph.Capture(ctx, "movie played", ph.Props{"movie_id": "123"})

	if err := client.Close(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: received "movie played" of u_1
}

// A field that makes no sense is reported by name.
func ExampleNew() {
	_, err := ph.New(ph.Config{APIKey: "phc_project_key", Host: "localhost:8010"})
	var wrong *ph.ConfigError
	if errors.As(err, &wrong) {
		fmt.Println(wrong.Field)
	}
	fmt.Println(err)
	// Output:
	// Host
	// ph: Config.Host "localhost:8010": must be a full URL like https://eu.i.posthog.com
}

// An event without a plan has a name and any properties. The UUID is that of the event;
// the zero UUID says that it was refused.
func ExampleCapture() {
	server := newPostHog()
	defer server.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_project_key", Host: server.URL, Compression: ph.NoCompression})
	if err != nil {
		fmt.Println(err)
	}
	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("u_1"))

	id := ph.Capture(ctx, "movie played", ph.Props{"movie_id": "123", "rating": 4.5})
	fmt.Println("accepted:", id != uuid.Nil)
	id = ph.Capture(ctx, "", nil)
	fmt.Println("accepted:", id != uuid.Nil)
	_ = client.Close(ctx)
	// Output:
	// accepted: true
	// accepted: false
	// received "movie played" of u_1
}

// Scopes nest, and SetUser fills in what was not known when a scope began.
func ExampleWith() {
	server := newPostHog()
	defer server.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_project_key", Host: server.URL, Compression: ph.NoCompression})
	if err != nil {
		fmt.Println(err)
	}

	request := ph.With(context.Background(), ph.UseClient(client), ph.Tag("route", "/orders"))
	ph.SetUser(request, "u_1") // an authentication middleware further in
	ph.Capture(request, "order opened", nil)

	agent := ph.With(request, ph.User("support"), ph.Tag("channel", "phone"))
	ph.Capture(agent, "order changed", nil)
	_ = client.Close(request)
	// Output:
	// received "order opened" of u_1
	// received "order changed" of support
}

// Identify says something about the user of the scope; Anonymous joins to it who the
// user was before.
func ExampleIdentify() {
	server := newPostHog()
	defer server.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_project_key", Host: server.URL, Compression: ph.NoCompression})
	if err != nil {
		fmt.Println(err)
	}
	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("u_1"))

	ph.Identify(ctx, ph.Props{"plan": "pro"}, ph.Props{"signup_source": "web"}, ph.Anonymous("anon_7"))
	_ = client.Close(ctx)
	// Output: received "$identify" of u_1
}

// Flush waits for what was captured before it.
func ExampleClient_Flush() {
	server := newPostHog()
	defer server.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_project_key", Host: server.URL, Compression: ph.NoCompression})
	if err != nil {
		fmt.Println(err)
	}
	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("u_1"))

	ph.Capture(ctx, "job done", nil)
	if err := client.Flush(ctx); err != nil {
		fmt.Println(err)
	}
	stats := client.Stats()
	fmt.Println(stats.Accepted, "accepted,", stats.Sent, "sent")
	_ = client.Close(ctx)
	// Output:
	// received "job done" of u_1
	// 1 accepted, 1 sent
}

// Close never outlives its context, and tells what it had to give up.
func ExampleClient_Close() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_project_key", Host: server.URL})
	if err != nil {
		fmt.Println(err)
	}
	ph.Capture(ph.With(context.Background(), ph.UseClient(client), ph.User("u_1")), "movie played", nil)

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err = client.Close(ctx)
	var lost *ph.UndeliveredError
	if errors.As(err, &lost) {
		fmt.Println(lost.ByReason)
	}
	fmt.Println(err)
	// Output:
	// map[shutdown_deadline:1]
	// ph: 1 event undelivered: 1 shutdown_deadline: context deadline exceeded
}

// PostHog's newer protocol answers for each event, and takes better compression.
func ExampleConfig_protocol() {
	client, err := ph.New(ph.Config{APIKey: "phc_project_key", Protocol: ph.V1, Compression: ph.Zstd})
	fmt.Println(err)
	_ = client.Close(context.Background())

	_, err = ph.New(ph.Config{APIKey: "phc_project_key", Compression: ph.Zstd})
	fmt.Println(err)
	// Output:
	// <nil>
	// ph: Config.Compression: Zstd and Deflate need Protocol V1: V0 takes Gzip or NoCompression
}

// A program that serves /debug/vars shows there what became of its events.
func ExampleClient_Stats() {
	server := newPostHog()
	defer server.Close()
	client, err := ph.New(ph.Config{APIKey: "phc_project_key", Host: server.URL, Compression: ph.NoCompression})
	if err != nil {
		fmt.Println(err)
	}
	expvar.Publish("posthog", expvar.Func(func() any { return client.Stats() }))

	ctx := ph.With(context.Background(), ph.UseClient(client), ph.User("u_1"))
	ph.Capture(ctx, "movie played", nil)
	_ = client.Close(ctx)
	ph.Capture(ctx, "too late", nil)
	fmt.Println(expvar.Get("posthog"))
	// Output:
	// received "movie played" of u_1
	// {"Accepted":1,"Sent":1,"Lost":0,"Queued":0,"InFlight":0,"Spooled":0,"Refused":1,"Violations":0,"LostBy":{},"RefusedBy":{"closed":1},"ViolationsBy":{}}
}
